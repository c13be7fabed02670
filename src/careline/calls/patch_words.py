"""What is said to the people of a patched call, none of it of the patient."""

from __future__ import annotations

OUTCOME_KEYS = {"1": "spoke_with_patient", "2": "sent_to_ed", "3": "advice_given", "4": "could_not_reach"}

_WORDS = {
    "en": {
        "taken": "You have accepted. Thank you.",
        "first": "{holder} was first and has this page. Nothing more is needed from you.",
        "not_saved": "Your acceptance could not be saved just now. You will be rung again, or accept on your page.",
        "failed": "This did not work just now. Please call the patient from your page.",
        "joining": "You are connected to the caller. Press star when you are done.",
        "joining_recorded": "This call is recorded. You are connected to the caller. Press star when you are done.",
        "ringing": "I am ringing the patient. Please stay on the line.",
        "press_one": "This is Careline for {practice}. Press 1 to be connected to your patient.",
        "no_answer": "The patient did not answer. Press 9 to try again, or 4 if you could not reach the patient.",
        "recorded": "This call is recorded. Press star when you are done.",
        "unrecorded": "This call is not recorded. Press star when you are done.",
        "interpreter_coming": "You share no language with the patient: I am ringing an interpreter.",
        "no_interpreter": "You share no language with the patient, and the practice has no interpreter's number.",
        "interpreter": "This is Careline for {practice}. An interpreter for {language} is needed. The call is recorded.",
        "outcome": (
            "What came of it? Press 1, spoke with the patient. 2, sent to the emergency department. 3, advice given. "
            "4, could not reach the patient."
        ),
        "thanks": "Recorded. Thank you.",
        "again": "Recorded. The page stays open and is raised again.",
        "patient": "Hello. This is {practice}. {name} is on the line for you.",
        "patient_discreet": "Hello. Here is the call back that you asked for.",
        "patient_recorded": "This call is recorded.",
        "patient_consent": "May I record this call? Press 1 for yes, 2 for no.",
        "one_moment": "One moment please, an interpreter is joining us.",
    },
    "es": {
        "taken": "Usted lo aceptó. Gracias.",
        "first": "{holder} aceptó primero y tiene este aviso. No tiene que hacer nada más.",
        "not_saved": "No se pudo guardar ahora. Le llamaremos otra vez, o acéptelo en su página.",
        "failed": "Esto no funcionó ahora. Llame al paciente desde su página, por favor.",
        "joining": "Está conectado con quien llama. Oprima asterisco cuando termine.",
        "joining_recorded": "Esta llamada se graba. Está conectado con quien llama. Oprima asterisco cuando termine.",
        "ringing": "Estoy llamando al paciente. Quédese en la línea, por favor.",
        "press_one": "Le habla Careline, de parte de {practice}. Oprima 1 para hablar con su paciente.",
        "no_answer": "El paciente no contestó. Oprima 9 para intentar otra vez, o 4 si no pudo comunicarse con el paciente.",
        "recorded": "Esta llamada se graba. Oprima asterisco cuando termine.",
        "unrecorded": "Esta llamada no se graba. Oprima asterisco cuando termine.",
        "interpreter_coming": "Usted y el paciente no hablan el mismo idioma: estoy llamando a un intérprete.",
        "no_interpreter": "Usted y el paciente no hablan el mismo idioma, y no hay número de intérprete.",
        "interpreter": "Le habla Careline, de parte de {practice}. Se necesita un intérprete. La llamada se graba.",
        "outcome": (
            "¿Qué resultó? Oprima 1, habló con el paciente. 2, lo mandó a urgencias. 3, dio consejo. "
            "4, no pudo comunicarse con el paciente."
        ),
        "thanks": "Anotado. Gracias.",
        "again": "Anotado. El aviso sigue abierto y se repite.",
        "patient": "Hola. Le llamamos de {practice}. {name} está en la línea.",
        "patient_discreet": "Hola. Esta es la llamada que pidió.",
        "patient_recorded": "Esta llamada se graba.",
        "patient_consent": "¿Puedo grabar esta llamada? Oprima 1 para sí, 2 para no.",
        "one_moment": "Un momento, por favor: se une un intérprete.",
    },
}


def words(language: str, key: str) -> str:
    return _WORDS.get(language, _WORDS["en"])[key]
