// A recording by voice, made here where the browser can, put into the form's file field (data-send: and sent).
const button = document.getElementById('record');
const field = document.getElementById('voice');
const status = document.getElementById('record-status');
let recorder = null;

async function start() {
  // a voice that is to be learned is kept as it sounds: what helps a telephone call spoils it
  const raw = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const learned = Boolean(button.dataset.send);
  const stream = await navigator.mediaDevices.getUserMedia({ audio: learned ? raw : true });
  const parts = [];
  recorder = new MediaRecorder(stream, learned ? { audioBitsPerSecond: 256000 } : undefined);
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.onstop = () => {
    const type = (recorder.mimeType || 'audio/webm').split(';')[0];
    const files = new DataTransfer();
    files.items.add(new File(parts, `ly-do.${type.split('/')[1]}`, { type }));
    field.files = files.files;
    for (const track of stream.getTracks()) track.stop();
    recorder = null;
    button.textContent = button.dataset.start;
    status.textContent = button.dataset.kept;
    if (button.dataset.send) button.form.requestSubmit();
  };
  recorder.start();
  button.textContent = button.dataset.stop;
}

if (button && window.MediaRecorder && navigator.mediaDevices) {
  button.hidden = false;
  button.addEventListener('click', () => {
    if (recorder) recorder.stop(); else start().catch((error) => { status.textContent = String(error.message); });
  });
}
