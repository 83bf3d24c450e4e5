// The order of a program by drag (SortableJS); the buttons up and down do the same without it.
const list = document.getElementById('order');
const status = document.getElementById('order-status');

async function send() {
  const items = [...list.children].map((item) => Number(item.dataset.id));
  const answer = await fetch(list.dataset.order, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json', Accept: 'application/json',
      'X-CSRFToken': document.querySelector('meta[name="csrf-token"]').content,
    },
    body: JSON.stringify({ items }),
  });
  const body = await answer.json();
  if (!answer.ok) { status.textContent = body.message; return; }
  [...list.children].forEach((item, place) => {
    const old = item.dataset.id;
    item.dataset.id = String(body.items[place]);
    for (const button of item.querySelectorAll('button[name="do"]')) button.value = button.value.replace(`:${old}`, `:${body.items[place]}`);
  });
  status.textContent = list.dataset.moved;
  setTimeout(() => location.reload(), 600);
}

window.addEventListener('load', () => {
  if (!list || !window.Sortable || !list.querySelector('form')) return;
  for (const item of list.children) {
    const handle = document.createElement('span');
    handle.className = 'handle btn';
    handle.setAttribute('aria-hidden', 'true');
    handle.textContent = '⠿';
    item.prepend(handle);
  }
  window.Sortable.create(list, { handle: '.handle', animation: 120, onEnd: send });
});
