// The week by drag (SortableJS): an airing moved within its day takes the time after the one above it.  On touch and
// without SortableJS the form below each airing does the same.
const week = document.getElementById('week');

async function move(address, day, start) {
  const answer = await fetch(address, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json', Accept: 'application/json',
      'X-CSRFToken': document.querySelector('meta[name="csrf-token"]').content,
    },
    body: JSON.stringify({ day, start }),
  });
  const box = document.querySelector('.messages');
  const note = document.createElement('div');
  const body = await answer.json();
  const trouble = answer.ok ? body.conflicts : [body.message];
  note.className = `alert alert-${trouble.length ? 'warning' : 'success'}`;
  note.textContent = trouble.join(' ') || week.dataset.moved;
  box.append(note);
  setTimeout(() => location.reload(), trouble.length ? 4000 : 700);
}

window.addEventListener('load', () => {
  if (!week || !window.Sortable || !matchMedia('(pointer: fine)').matches) return;
  for (const list of week.querySelectorAll('.day ul')) {
    window.Sortable.create(list, {
      draggable: '.airing', filter: 'details, a, input, button', preventOnFilter: false, animation: 120,
      onEnd: (event) => {
        const field = event.item.querySelector('input[name="day"]');
        if (event.oldIndex === event.newIndex || !field) { if (event.oldIndex !== event.newIndex) location.reload(); return; }
        const above = event.item.previousElementSibling;
        const below = event.item.nextElementSibling;
        const times = (item) => (item && item.querySelector('.time') ? item.querySelector('.time').textContent.trim().split('–') : null);
        const start = times(above) ? times(above)[1] : times(below)[0];
        move(field.form.action, field.value, start.trim());
      },
    });
  }
});
