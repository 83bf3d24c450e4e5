// The home page's card of what is on air: server-sent events, or polling where they are refused or cut off.
const card = document.getElementById('air');
const part = (name) => card.querySelector(`[data-live-${name}]`);

function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60) % 60;
  const tail = String(whole % 60).padStart(2, '0');
  return whole >= 3600 ? `${Math.floor(whole / 3600)}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

function show(now) {
  const playing = now.alive && now.source !== 'silence';
  card.classList.toggle('down', !now.alive);
  const title = now.alive ? (playing ? now.title : card.dataset.idle) : card.dataset.down;
  if (part('title').textContent !== title) part('title').textContent = title;
  part('on').hidden = !playing;
  part('source').textContent = now.source_label;
  part('position').textContent = clock(now.position);
  part('duration').textContent = clock(now.duration);
  part('progress').max = now.duration || 1;
  part('progress').value = now.position;
  part('level').setAttribute('width', String(Math.max(0, Math.min(60, 60 + now.rms))));
  card.dataset.seen = String(Date.now());
}

let polling = 0;
async function poll() {
  try {
    const answer = await fetch(card.dataset.live, { headers: { Accept: 'application/json' } });
    if (answer.ok) show(await answer.json());
  } catch { /* the next round tries again */ }
}
function startPolling() {
  if (!polling) { polling = setInterval(poll, 5000); poll(); }
}

if (card) {
  if (!window.EventSource) startPolling();
  else {
    const source = new EventSource(card.dataset.events);
    source.onmessage = (event) => show(JSON.parse(event.data));
    // A refusal (204) closes the source for good; a cut is tried again by the browser itself.
    source.onerror = () => { if (source.readyState === EventSource.CLOSED) startPolling(); };
    window.addEventListener('pagehide', () => source.close());
  }
}
