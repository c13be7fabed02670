"use strict";
// One telephone line between this page and a voice process: microphone, sound, keys, and the way back after a break. Pages draw;
// this connects. Told by `on`: state(name), caption(frame), cut(frame), ended(reason), level(0 to 1), and frames of other kinds.
//
//   new CarelineLine({ address, token, remember, audio, on })
//
// `token()` resolves to {token, ice_servers}; `remember` keeps the call's secret for a page that is loaded again.

(() => {
  const PAUSES = [0.2, 1, 2, 3, 4];
  const RETURN_SECONDS = 20; // as long as the voice process waits for us
  const LISTEN = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

  /** Why there is no microphone: refused, absent, busy, insecure or unknown. */
  function why(error) {
    if (error.name === "NotAllowedError" || error.name === "SecurityError") return "refused";
    if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return "absent";
    if (error.name === "NotReadableError" || error.name === "AbortError") return "busy";
    return "unknown";
  }

  class Line {
    constructor({ address, token, remember = null, audio, on, socket = null }) {
      Object.assign(this, { address, token, remember, audio, on, socket });
      this.peer = this.keys = this.stream = this.context = this.lostAt = null;
      this.resume = "";
      this.servers = [];
      this.tries = this.brokenSince = this.began = 0;
      this.over = this.answered = this.muted = false;
      this.shared = socket !== null; // somebody else's socket (a softphone's), which outlives the call
    }

    /** Asks for the microphone. Throws an Error whose message is one of the words of `why`. */
    async microphone() {
      if (!window.RTCPeerConnection) throw new Error("unsupported");
      if (!navigator.mediaDevices?.getUserMedia) throw new Error("insecure");
      try {
        this.stream = await navigator.mediaDevices.getUserMedia({ audio: LISTEN, video: false });
      } catch (error) {
        throw new Error(why(error));
      }
      this.measure();
    }

    /** Sound of nothing, for somebody who listens and presses keys. */
    silence() {
      this.context = new AudioContext();
      this.stream = this.context.createMediaStreamDestination().stream;
    }

    measure() {
      this.context = new AudioContext();
      const analyser = this.context.createAnalyser();
      analyser.fftSize = 512;
      this.context.createMediaStreamSource(this.stream).connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      const look = () => {
        if (this.over) return;
        analyser.getFloatTimeDomainData(samples);
        const loud = Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
        this.on.level?.(this.muted ? 0 : Math.min(1, Math.sqrt(loud) * 1.8));
        setTimeout(look, 80);
      };
      look();
    }

    async start() {
      this.on.state("connecting");
      if (this.shared) await this.offer();
      else await this.open();
    }

    /** Goes on with the call that this window had a moment ago. False when there is none. */
    static remembered(remember) {
      try {
        const kept = JSON.parse(sessionStorage.getItem(remember) ?? "null");
        return kept && Date.now() - kept.at < RETURN_SECONDS * 1000 ? kept : null;
      } catch {
        return null;
      }
    }

    rejoin(kept) {
      Object.assign(this, { resume: kept.resume, address: kept.address, began: kept.began });
      return this.start();
    }

    keep() {
      if (this.remember && this.resume) {
        sessionStorage.setItem(this.remember, JSON.stringify({ resume: this.resume, address: this.address, began: this.began, at: Date.now() }));
      }
    }

    // ---- the socket

    async open() {
      const address = new URL(this.address);
      try {
        const note = await this.token();
        this.servers = note.ice_servers;
        if (this.resume) address.searchParams.set("resume", this.resume);
        else address.searchParams.set("token", note.token);
      } catch {
        return this.again();
      }
      address.searchParams.set("language", document.documentElement.lang || "en");
      const socket = new WebSocket(address);
      this.socket = socket;
      socket.addEventListener("open", () => { this.tries = 0; if (!this.well()) this.offer(); });
      socket.addEventListener("message", (event) => this.take(JSON.parse(event.data)));
      socket.addEventListener("close", () => { if (!this.over && this.socket === socket) this.again(); });
    }

    again() {
      if (this.over) return;
      const now = Date.now();
      this.brokenSince ||= now;
      if (now - this.brokenSince > RETURN_SECONDS * 1000) return this.end("lost");
      if (!this.well()) this.on.state("reconnecting");
      setTimeout(() => { if (!this.over) this.open(); }, PAUSES[Math.min(this.tries++, PAUSES.length - 1)] * 1000);
    }

    send(frame) {
      if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
    }

    take(frame) {
      if (frame.type === "welcome") {
        this.resume = frame.resume;
        this.answered = frame.answered;
        this.brokenSince = 0;
        this.keep();
        if (this.answered && this.well()) this.on.state("talking");
      } else if (frame.type === "answer") this.peer?.setRemoteDescription({ type: "answer", sdp: frame.sdp }).catch(() => this.mend(1));
      else if (frame.type === "answered") { this.answered = true; this.on.state("talking"); }
      else if (frame.type === "caption") this.on.caption?.(frame);
      else if (frame.type === "cut") this.on.cut?.(frame);
      else if (frame.type === "away" || frame.type === "unconnected") this.mend(frame.type === "away" ? 1.5 : 0.5);
      else if (frame.type === "refused") this.end(this.answered ? "lost" : frame.reason);
      else if (frame.type === "ended") this.end(frame.reason);
      else this.on.frame?.(frame);
    }

    // ---- sound

    well() {
      return this.peer?.connectionState === "connected";
    }

    async offer() {
      this.drop();
      const peer = new RTCPeerConnection({ iceServers: this.servers, bundlePolicy: "max-bundle" });
      this.peer = peer;
      for (const track of this.stream.getAudioTracks()) peer.addTrack(track, this.stream);
      this.prefer(peer);
      this.keys = peer.createDataChannel("keys");
      peer.addEventListener("track", (event) => this.play(event.streams[0] ?? new MediaStream([event.track])));
      peer.addEventListener("icecandidate", (event) => {
        if (this.peer === peer) this.send({ type: "candidate", candidate: event.candidate?.candidate || null });
      });
      peer.addEventListener("connectionstatechange", () => { if (this.peer === peer) this.changed(peer.connectionState); });
      await peer.setLocalDescription();
      this.send({ type: "offer", sdp: peer.localDescription.sdp });
    }

    /** G.711 first: it is what telephones speak, and needs no translation on the way. */
    prefer(peer) {
      const known = RTCRtpReceiver.getCapabilities?.("audio")?.codecs ?? [];
      const plain = known.filter((codec) => /\/pcm[ua]$/i.test(codec.mimeType));
      const [transceiver] = peer.getTransceivers();
      if (plain.length && transceiver?.setCodecPreferences) {
        transceiver.setCodecPreferences(plain.sort((one, other) => other.mimeType.localeCompare(one.mimeType)));
      }
    }

    play(stream) {
      this.audio.srcObject = stream;
      this.audio.play().catch(() => this.on.state("blocked"));
    }

    changed(state) {
      if (state === "connected") {
        this.lostAt = null;
        this.on.state(this.answered ? "talking" : "connecting");
      } else if (state === "disconnected") this.mend(2);
      else if (state === "failed") this.mend(0);
    }

    /** Offers anew after a while, unless the sound has come back by itself. */
    mend(seconds) {
      if (this.over || this.mending) return;
      const broken = this.peer;
      this.mending = true;
      setTimeout(() => {
        this.mending = false;
        if (this.over || this.peer !== broken) return;
        if (this.well() && seconds === 2) return;
        this.lostAt ??= Date.now();
        if (Date.now() - this.lostAt > RETURN_SECONDS * 1000) return void this.end("lost");
        this.on.state("reconnecting");
        if (this.socket?.readyState === WebSocket.OPEN) this.offer().catch(() => this.mend(1));
        else this.mend(1);
      }, seconds * 1000);
    }

    drop() {
      this.peer?.close();
      this.peer = this.keys = null;
    }

    // ---- what the person does

    mute(on) {
      this.muted = on;
      for (const track of this.stream?.getAudioTracks() ?? []) track.enabled = !on;
    }

    press(digit) {
      if (this.keys?.readyState === "open") this.keys.send(digit);
      else this.send({ type: "key", digit });
    }

    hangUp() {
      this.send({ type: "bye" });
      this.end("hung up");
    }

    end(reason) {
      if (this.over) return;
      this.over = true;
      if (this.remember) sessionStorage.removeItem(this.remember);
      for (const track of this.stream?.getTracks() ?? []) track.stop();
      this.context?.close();
      if (!this.shared) setTimeout(() => this.socket?.close(), 200);
      setTimeout(() => this.drop(), 500); // what is still in the air may be heard
      this.on.ended(reason);
    }
  }

  window.CarelineLine = Line;
})();
