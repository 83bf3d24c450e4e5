// What every page uses: questions before acts that cannot be undone, forms that are not sent twice, drafts of
// typed text kept on this device until they are sent, and polling where htmx is not there.
for (const form of document.querySelectorAll('form[data-confirm]')) {
  form.addEventListener('submit', (event) => {
    if (!window.confirm(form.dataset.confirm)) event.preventDefault();
  });
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== 'post') return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = '1';
  setTimeout(() => { delete form.dataset.sent; }, 8000);
});
window.addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
});

for (const form of document.querySelectorAll('form[data-keep]')) {
  const fields = form.querySelectorAll('textarea, input[name="title"]');
  const key = (field) => `station-draft:${location.pathname}:${form.dataset.keep}:${field.name}`;
  for (const field of fields) {
    const kept = localStorage.getItem(key(field));
    if (kept && !field.value) field.value = kept;
    field.addEventListener('input', () => localStorage.setItem(key(field), field.value));
  }
  form.addEventListener('submit', () => { for (const field of fields) localStorage.removeItem(key(field)); });
}

const more = document.querySelector('details.more');
if (more && matchMedia('(min-width: 62rem)').matches) more.open = true;
if (more) {
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && more.open && !matchMedia('(min-width: 62rem)').matches) {
      more.open = false;
      more.querySelector('summary').focus();
    }
  });
  document.addEventListener('click', (event) => {
    if (more.open && !more.contains(event.target) && !matchMedia('(min-width: 62rem)').matches) more.open = false;
  });
}

// An emergency notice that began after this page was opened is told here too, and its end.
const banner = document.querySelector('[data-banner]');
async function watchEmergency() {
  const shown = document.querySelector('[data-banner]');
  if (document.visibilityState === 'visible') {
    try {
      const answer = await fetch(shown.dataset.banner, { headers: { Accept: 'text/html' }, redirect: 'error' });
      if (answer.ok) {
        const text = await answer.text();
        const fresh = new DOMParser().parseFromString(text, 'text/html').querySelector('[data-banner]');
        // The words decide: the token in the form is new each time, and a button that is being pressed must stay.
        if (fresh && fresh.textContent.trim() !== shown.textContent.trim()) shown.replaceWith(fresh);
      }
    } catch { /* the network is gone for a moment: the next round tries again */ }
  }
  setTimeout(watchEmergency, 5000);
}
if (banner) setTimeout(watchEmergency, 5000);

// A running job: htmx replaces its card; without htmx the same is done here.
async function poll() {
  const card = document.querySelector('[data-poll]');
  if (!card || window.htmx) return;
  try {
    const answer = await fetch(card.dataset.poll, { headers: { Accept: 'text/html' } });
    if (answer.headers.get('HX-Refresh')) { location.reload(); return; }
    if (answer.ok) card.outerHTML = await answer.text();
  } catch { /* the network is gone for a moment: the next round tries again */ }
  setTimeout(poll, 2000);
}
window.addEventListener('load', () => setTimeout(poll, 1500));

// A sound that cannot be made answers with a page that says why: shown beside the player, which would only stay silent.
for (const sound of document.querySelectorAll('audio[data-told]')) {
  sound.addEventListener('error', async () => {
    const place = document.getElementById(sound.dataset.told);
    try {
      const answer = await fetch(sound.src, { headers: { Accept: 'text/html' } });
      if (answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      place.textContent = [...page.querySelectorAll('main h1, main .lead')].map((one) => one.textContent).join(' ');
    } catch (error) { place.textContent = String(error.message); }
  });
  sound.addEventListener('playing', () => { document.getElementById(sound.dataset.told).textContent = ''; });
}
