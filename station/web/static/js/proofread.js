// The editor: marks under the text, the same place on the page image, next doubt by F8, autosave, the lock.
import { stop } from './spoken.js';

const form = document.getElementById('editor');
const area = document.getElementById('text');
const words = form.dataset;
const saved = document.getElementById('saved');
const csrf = document.querySelector('meta[name="csrf-token"]').content;
const readOnly = area.readOnly;
// [start, end, page, box, level, kind, hint]
let marks = JSON.parse(document.getElementById('marks').textContent);
let text = area.value;
let here = null;

// ---- marks under the text ------------------------------------------------------------------------------------
const mirror = document.createElement('div');
mirror.className = 'proof-mirror';
mirror.setAttribute('aria-hidden', 'true');
document.getElementById('proof-text').classList.add('live');
area.before(mirror);

function paint() {
  const pieces = [];
  let at = 0;
  for (const mark of marks) {
    const shown = mark === here ? 'here' : mark[4];
    if (!shown || mark[0] < at) continue;
    pieces.push(document.createTextNode(text.slice(at, mark[0])));
    const piece = document.createElement('mark');
    piece.className = shown;
    piece.textContent = text.slice(mark[0], mark[1]);
    pieces.push(piece);
    at = mark[1];
  }
  pieces.push(document.createTextNode(`${text.slice(at)}\n\n`));
  mirror.replaceChildren(...pieces);
  mirror.scrollTop = area.scrollTop;
}
area.addEventListener('scroll', () => { mirror.scrollTop = area.scrollTop; });
if (window.ResizeObserver) new ResizeObserver(paint).observe(area);

// An edit moves what comes after it; a word that was edited is no longer doubtful.
function shift(next) {
  let head = 0;
  while (head < text.length && head < next.length && text[head] === next[head]) head += 1;
  let tail = 0;
  while (tail < text.length - head && tail < next.length - head && text[text.length - 1 - tail] === next[next.length - 1 - tail]) tail += 1;
  const end = text.length - tail;
  const by = next.length - text.length;
  marks = marks.flatMap((mark) => {
    if (mark[1] < head) return [mark];
    if (mark[0] >= end && !(mark[0] === end && head === end)) { mark[0] += by; mark[1] += by; return [mark]; }
    const changed = [mark[0], Math.max(mark[0], mark[1] + by), mark[2], mark[3], '', mark[5], ''];
    return changed[1] > changed[0] ? [changed] : [];
  });
  text = next;
}

// ---- the same place on the page ------------------------------------------------------------------------------
const pagesBox = document.getElementById('pages');
const spot = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
spot.setAttribute('class', 'here');

function showOnPage(mark) {
  if (!pagesBox || !mark || !mark[3]) { spot.remove(); return; }
  const picture = pagesBox.querySelector(`svg[data-page="${mark[2]}"]`);
  if (!picture) return;
  ['x', 'y', 'width', 'height'].forEach((name, i) => spot.setAttribute(name, String(mark[3][i] + [-4, -4, 8, 8][i])));
  picture.append(spot);
  const scale = picture.clientWidth / picture.viewBox.baseVal.width;
  const top = picture.closest('figure').offsetTop + mark[3][1] * scale - pagesBox.clientHeight / 2;
  pagesBox.scrollTo({ top, behavior: 'auto' });
}

// What staff made of such a word before: one tap puts it in.
const hintLine = document.getElementById('hint-line');
const hint = document.getElementById('hint');
function showHint(mark) {
  if (!hint || readOnly) return;
  hintLine.hidden = !(mark && mark[6]);
  if (mark && mark[6]) hint.textContent = `${hint.dataset.words} “${mark[6]}”`;
}
if (hint && !readOnly) {
  hint.addEventListener('click', () => {
    if (!here || !here[6]) return;
    area.setRangeText(here[6], here[0], here[1], 'end');
    area.dispatchEvent(new Event('input'));
    hintLine.hidden = true;
  });
}

function markAt(place) { return marks.find((mark) => place >= mark[0] && place <= mark[1]) || null; }

function follow() {
  const mark = markAt(area.selectionStart);
  if (mark === here) return;
  here = mark;
  showOnPage(mark);
  showHint(mark);
  paint();
}
for (const name of ['click', 'keyup']) area.addEventListener(name, follow);

function goTo(mark) {
  area.focus();
  area.setSelectionRange(mark[0], mark[1]);
  here = mark;
  paint();
  const shown = mirror.querySelector('mark.here');
  if (shown) area.scrollTop = Math.max(0, shown.offsetTop - area.clientHeight / 3);
  mirror.scrollTop = area.scrollTop;
  showOnPage(mark);
  showHint(mark);
}

if (pagesBox) {
  pagesBox.addEventListener('click', (event) => {
    const picture = event.target.closest('svg[data-page]');
    if (!picture) return;
    const frame = picture.getBoundingClientRect();
    const scale = picture.viewBox.baseVal.width / frame.width;
    const x = (event.clientX - frame.left) * scale;
    const y = (event.clientY - frame.top) * scale;
    const found = marks.find((mark) => mark[3] && String(mark[2]) === picture.dataset.page
      && x >= mark[3][0] - 6 && x <= mark[3][0] + mark[3][2] + 6 && y >= mark[3][1] - 6 && y <= mark[3][1] + mark[3][3] + 6);
    if (found) goTo(found);
  });
}

// ---- next doubt ----------------------------------------------------------------------------------------------
function nextDoubt(back = false) {
  const doubts = marks.filter((mark) => mark[4]);
  if (!doubts.length) { saved.textContent = words.done; return; }
  const at = back ? area.selectionStart : area.selectionEnd;
  const found = back
    ? [...doubts].reverse().find((mark) => mark[1] < at) || doubts[doubts.length - 1]
    : doubts.find((mark) => mark[0] >= at) || doubts[0];
  goTo(found);
}
const nextButton = document.getElementById('next-doubt');
if (nextButton) {
  nextButton.hidden = false;
  nextButton.addEventListener('click', () => nextDoubt());
}
document.addEventListener('keydown', (event) => {
  if (event.key === 'F8') { event.preventDefault(); nextDoubt(event.shiftKey); }
});
let touchX = null;
if (pagesBox) {
  pagesBox.addEventListener('touchstart', (event) => { touchX = event.touches.length === 1 ? event.touches[0].clientX : null; }, { passive: true });
  pagesBox.addEventListener('touchend', (event) => {
    if (touchX === null || pagesBox.scrollWidth > pagesBox.clientWidth + 4) return;
    const moved = event.changedTouches[0].clientX - touchX;
    if (Math.abs(moved) > 70) nextDoubt(moved > 0);
  }, { passive: true });
}

// ---- autosave, kept on this device while the network is gone ---------------------------------------------------
const draftKey = `station-text:${words.bulletin}`;
let stored = text;
let timer = 0;
let sending = false;

async function refreshSpoken() {
  const list = document.getElementById('spoken');
  if (!list) return;
  try {
    const answer = await fetch(words.spoken, { headers: { Accept: 'text/html' } });
    if (!answer.ok) return;
    stop();
    list.outerHTML = await answer.text();
  } catch { /* shown again after the next save */ }
}

async function save() {
  if (sending || readOnly || area.value === stored) return;
  sending = true;
  const content = area.value;
  saved.textContent = words.saving;
  try {
    const body = new URLSearchParams({ content, version: form.elements.version.value, csrf_token: csrf });
    const answer = await fetch(words.autosave, { method: 'POST', body, headers: { Accept: 'application/json' } });
    const state = await answer.json();
    if (answer.ok) {
      form.elements.version.value = state.version;
      stored = content;
      if (area.value === content) localStorage.removeItem(draftKey);
      saved.textContent = `${words.saved} ${new Date().toLocaleTimeString('vi-VN', { hour: '2-digit', minute: '2-digit' })}`;
      refreshSpoken();
    } else {
      saved.textContent = state.message || words.unsaved;
    }
  } catch {
    saved.textContent = words.offline;
    timer = setTimeout(save, 5000);
  }
  sending = false;
  if (area.value !== content) schedule();
}
function schedule() { clearTimeout(timer); timer = setTimeout(save, 1500); }

area.addEventListener('input', () => {
  shift(area.value);
  here = null;
  paint();
  localStorage.setItem(draftKey, JSON.stringify({ base: stored, text: area.value }));
  saved.textContent = words.unsaved;
  schedule();
});
window.addEventListener('online', save);
form.addEventListener('submit', () => { clearTimeout(timer); localStorage.removeItem(draftKey); stored = area.value; });
window.addEventListener('beforeunload', (event) => { if (!readOnly && area.value !== stored) event.preventDefault(); });

const kept = localStorage.getItem(draftKey);
if (kept && !readOnly) {
  const draft = JSON.parse(kept);
  if (draft.base === stored && draft.text !== stored) {
    area.value = draft.text;
    shift(draft.text);
    saved.textContent = words.restored;
    schedule();
  } else localStorage.removeItem(draftKey);
}
paint();

// One tap changes what is read; what is being typed is saved before.
const blocks = document.getElementById('blocks');
if (blocks && !readOnly) {
  blocks.addEventListener('change', async () => {
    clearTimeout(timer);
    await save();
    blocks.requestSubmit();
  });
}

for (const button of document.querySelectorAll('[data-fill]')) {
  button.addEventListener('click', () => { document.getElementById(button.dataset.fill).value = button.dataset.value; });
}

// A phone has no Ctrl+Z.  execCommand is the one way to the field's own history.
const undo = document.getElementById('undo');
if (undo && !readOnly) {
  undo.hidden = false;
  undo.addEventListener('click', () => { area.focus(); document.execCommand('undo'); });
}

// ---- the lock ------------------------------------------------------------------------------------------------
if (!readOnly) {
  setInterval(() => {
    fetch(words.beat, { method: 'POST', headers: { 'X-CSRFToken': csrf, Accept: 'application/json' } }).catch(() => {});
  }, 60000);
  window.addEventListener('pagehide', () => {
    navigator.sendBeacon(words.release, new URLSearchParams({ csrf_token: csrf }));
  });
}
