// The microphone's samples, in pieces of a tenth of a second, as 16-bit numbers with the loudest of them.
class Talk extends AudioWorkletProcessor {
  constructor() {
    super();
    this.piece = new Int16Array(Math.round(sampleRate / 10));
    this.count = 0;
    this.peak = 0;
  }

  process(inputs) {
    const samples = inputs[0][0];
    if (!samples) return true;
    for (const sample of samples) {
      const value = Math.max(-1, Math.min(1, sample));
      this.peak = Math.max(this.peak, Math.abs(value));
      this.piece[this.count] = Math.round(value * 32767);
      this.count += 1;
      if (this.count === this.piece.length) {
        this.port.postMessage({ piece: this.piece.slice(), peak: this.peak });
        this.count = 0;
        this.peak = 0;
      }
    }
    return true;
  }
}
registerProcessor('talk', Talk);
