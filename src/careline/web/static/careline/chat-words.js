"use strict";
// The chat page's own words. What the assistant says comes from the practice, never from here.
window.CARELINE_WORDS = {
  en: {
    emergency: "Emergency? Call 911 now.",
    assistant: "Automated assistant, not a person",
    call: "Call",
    demo: "Demonstration: nobody reads this as a patient’s message.",
    yours: "Your message", send: "Send", placeholder: "Write here",
    yes: "Yes", no: "No", unsure: "Not sure",
    connecting: "Connecting…", lost: "The connection was lost. Trying again; what you wrote is kept.",
    ended: "This conversation has ended.", again: "Start a new conversation",
    unreachable: "We cannot connect. Call the practice by phone; in an emergency call 911.",
    over: (count, most) => `Please shorten your message: ${count} of at most ${most} characters.`,
    cut: (most) => `Only the first ${most} characters of your message could be read.`,
    anew: "The earlier conversation has ended. This is a new one.",
    ask: "English, please",
  },
  es: {
    emergency: "¿Emergencia? Llame al 911 ahora.",
    assistant: "Asistente automático, no una persona",
    call: "Llamar",
    demo: "Demostración: nadie lee esto como mensaje de un paciente.",
    yours: "Su mensaje", send: "Enviar", placeholder: "Escriba aquí",
    yes: "Sí", no: "No", unsure: "No sé",
    connecting: "Conectando…", lost: "Se perdió la conexión. Intentamos de nuevo; lo que escribió se conserva.",
    ended: "Esta conversación ha terminado.", again: "Empezar otra conversación",
    unreachable: "No podemos conectar. Llame al consultorio por teléfono; en una emergencia llame al 911.",
    over: (count, most) => `Acorte su mensaje, por favor: ${count} de ${most} caracteres como máximo.`,
    cut: (most) => `Solo se pudieron leer los primeros ${most} caracteres de su mensaje.`,
    anew: "La conversación anterior terminó. Esta es nueva.",
    ask: "Español, por favor",
  },
};
