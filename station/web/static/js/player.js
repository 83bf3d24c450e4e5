// The program's player: chapters and sentences seek, the sentence being read is lit up, the waveform (wavesurfer)
// where it is there; without it the still picture of the waveform stays.
const sound = document.getElementById('sound');
const box = document.getElementById('player');

if (sound) {
  const cues = [...document.querySelectorAll('.cue')].map((button) => ({
    button, start: Number(button.dataset.at), end: Number(button.dataset.end), words: null,
  }));
  for (const button of document.querySelectorAll('.seek')) {
    button.addEventListener('click', () => { sound.currentTime = Number(button.dataset.at); sound.play().catch(() => {}); });
  }
  let lit = null;
  const light = () => {
    const at = sound.currentTime;
    const cue = cues.find((one) => at >= one.start && at < one.end) || null;
    if (cue !== lit) {
      if (lit) { lit.button.classList.remove('said'); lit.button.removeAttribute('aria-current'); lit.button.textContent = lit.button.textContent; }
      lit = cue;
      if (cue) {
        cue.button.classList.add('said');
        cue.button.setAttribute('aria-current', 'true');
        cue.words = cue.button.textContent.split(/(\s+)/).map((word) => {
          const span = document.createElement('span');
          span.textContent = word;
          return span;
        });
        cue.button.replaceChildren(...cue.words);
        if (!sound.paused) cue.button.scrollIntoView({ block: 'nearest', behavior: 'auto' });
      }
    }
    if (cue) {
      // The voice gives a time for each sentence; within it words are taken to last as long as they are written.
      const total = cue.words.reduce((sum, word) => sum + word.textContent.length, 0) || 1;
      let left = ((at - cue.start) / Math.max(0.01, cue.end - cue.start)) * total;
      for (const word of cue.words) {
        const here = left >= 0 && left < word.textContent.length;
        word.classList.toggle('doubt-word', here && word.textContent.trim() !== '');
        left -= word.textContent.length;
      }
    }
  };
  sound.addEventListener('timeupdate', light);
  sound.addEventListener('seeked', light);

  window.addEventListener('load', async () => {
    const target = document.getElementById('wave');
    if (!window.WaveSurfer || !target) return;
    try {
      const answer = await fetch(box.dataset.wave, { headers: { Accept: 'application/json' } });
      if (!answer.ok) return;
      const { peaks, seconds } = await answer.json();
      target.hidden = false;
      window.WaveSurfer.create({
        container: target, media: sound, peaks: [peaks], duration: seconds, height: 96, normalize: true,
        waveColor: '#6f9a94', progressColor: '#0b5a52', cursorColor: '#a3211a', cspNonce: target.dataset.nonce,
      });
      document.getElementById('wave-still').hidden = true;
    } catch { target.hidden = true; }
  });
}
