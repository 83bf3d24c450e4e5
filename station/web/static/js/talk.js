// Push to talk: while the button (or the space bar on it) is held, this device's microphone is sent to the station in
// order, piece by piece; what was said while the station opened the line is sent first, so that no word is lost.
const box = document.getElementById('talk');
const button = document.getElementById('talk-button');
const status = document.getElementById('talk-status');
const level = document.getElementById('talk-level');
const token = document.querySelector('meta[name="csrf-token"]').content;
let talk = null;

function post(address, body, type = 'application/json') {
  return fetch(address, { method: 'POST', headers: { 'Content-Type': type, Accept: 'application/json', 'X-CSRFToken': token }, body });
}
const width = (linear) => Math.max(0, Math.min(60, 60 + 20 * Math.log10(Math.max(linear, 1e-6))));

async function send(one) {
  while (one.pieces.length || !one.ended) {
    if (!one.pieces.length || !one.key) { await new Promise((done) => { setTimeout(done, 20); }); continue; }
    const pieces = one.pieces.splice(0, 10);
    const answer = await post(box.dataset.sound.replace('KEY', one.key), new Blob(pieces), 'application/octet-stream');
    if (!answer.ok) throw new Error(box.dataset.failed);
  }
}

async function open() {
  if (talk) return;
  const one = talk = { pieces: [], key: '', ended: false };
  status.textContent = box.dataset.wait;
  button.setAttribute('aria-pressed', 'true');
  try {
    one.stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true } });
    one.context = new AudioContext({ sampleRate: Number(box.dataset.rate) });
    await one.context.audioWorklet.addModule(box.dataset.worklet);
    const node = new AudioWorkletNode(one.context, 'talk', { numberOfOutputs: 0 });
    node.port.onmessage = (event) => {
      level.setAttribute('width', String(width(event.data.peak)));
      if (!one.ended) one.pieces.push(event.data.piece);
    };
    one.context.createMediaStreamSource(one.stream).connect(node);
  } catch {
    close(one, box.dataset.refused);
    return;
  }
  try {
    const alone = document.getElementById('talk-alone').checked;
    const answer = await post(box.dataset.start, JSON.stringify({ source: 'page', over: alone ? '0' : '1' }));
    if (!answer.ok) throw new Error(box.dataset.failed);
    one.key = (await answer.json()).key;
    if (!one.ended) status.textContent = box.dataset.on;
    await send(one);
    await new Promise((done) => { setTimeout(done, 700); }); // what was sent last is still on its way to the air
    await post(box.dataset.stop, '{}');
    close(one, box.dataset.off);
  } catch (error) {
    post(box.dataset.stop, '{}').catch(() => {});
    close(one, error.message);
  }
}

function close(one, words) {
  one.ended = true;
  if (one.stream) for (const track of one.stream.getTracks()) track.stop();
  if (one.context) one.context.close();
  if (talk === one) talk = null;
  level.setAttribute('width', '0');
  status.textContent = words;
  button.setAttribute('aria-pressed', 'false');
}

function release() {
  if (talk) talk.ended = true;
}

async function sent() {
  if (document.visibilityState === 'visible') {
    try {
      const answer = await fetch(box.dataset.live, { headers: { Accept: 'application/json' } });
      if (answer.ok) document.getElementById('talk-sent').setAttribute('width', String(Math.max(0, Math.min(60, 60 + (await answer.json()).rms))));
    } catch { /* the next round tries again */ }
  }
  setTimeout(sent, 1000);
}

if (box) {
  sent();
  if (navigator.mediaDevices && window.AudioWorkletNode) {
    button.hidden = false;
    button.addEventListener('pointerdown', (event) => { button.setPointerCapture(event.pointerId); open(); });
    for (const name of ['pointerup', 'pointercancel', 'lostpointercapture', 'blur']) button.addEventListener(name, release);
    button.addEventListener('keydown', (event) => { if ([' ', 'Enter'].includes(event.key)) { event.preventDefault(); if (!event.repeat) open(); } });
    button.addEventListener('keyup', (event) => { if ([' ', 'Enter'].includes(event.key)) release(); });
    button.addEventListener('contextmenu', (event) => event.preventDefault());
    window.addEventListener('pagehide', release);
  } else status.textContent = box.dataset.refused;
}
