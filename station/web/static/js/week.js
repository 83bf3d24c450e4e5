// Week and month by drag (SortableJS): an airing moved within its day takes the time after the one above it, one that is
// moved to another day airs there.  On touch and without SortableJS the forms below each airing of the week do the same.
const week = document.getElementById('week');
const month = document.getElementById('month');

async function move(address, values) {
  const answer = await fetch(address, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json', Accept: 'application/json',
      'X-CSRFToken': document.querySelector('meta[name="csrf-token"]').content,
    },
    body: JSON.stringify(values),
  });
  const box = document.querySelector('.messages');
  const note = document.createElement('div');
  const body = await answer.json();
  const trouble = answer.ok ? body.conflicts : [body.message];
  note.className = `alert alert-${trouble.length ? 'warning' : 'success'}`;
  note.textContent = trouble.join(' ') || (week || month).dataset.moved;
  box.append(note);
  setTimeout(() => location.reload(), trouble.length ? 4000 : 700);
}

function weekByDrag() {
  for (const list of week.querySelectorAll('.day ul')) {
    window.Sortable.create(list, {
      group: 'week', draggable: '.airing', filter: 'details, a, input, button', preventOnFilter: false, animation: 120,
      onEnd: (event) => {
        const field = event.item.querySelector('input[name="day"]');
        const { day } = event.to.dataset;
        const same = event.from === event.to;
        if (same && event.oldIndex === event.newIndex) return;
        if (!field) { location.reload(); return; }
        const times = (item) => (item && item.querySelector('.time') ? item.querySelector('.time').textContent.trim().split('–') : null);
        const above = times(event.item.previousElementSibling);
        const below = times(event.item.nextElementSibling);
        const start = (above ? above[1] : (below || times(event.item))[0]).trim();
        if (same) move(field.form.action, { day: field.value, start });
        else move(event.item.querySelector('form[data-carry]').action, { day: field.value, to: day, start: above || below ? start : undefined });
      },
    });
  }
}

function monthByDrag() {
  for (const cell of month.querySelectorAll('td[data-day]')) {
    window.Sortable.create(cell, {
      group: 'month', draggable: '.airing-of-month', animation: 120, sort: false,
      onEnd: (event) => {
        if (event.from === event.to) return;
        const { carry, day, start } = event.item.dataset;
        move(carry, { day, to: event.to.dataset.day, start });
      },
    });
  }
}

window.addEventListener('load', () => {
  if (!window.Sortable || !matchMedia('(pointer: fine)').matches) return;
  if (week) weekByDrag();
  if (month) monthByDrag();
});
