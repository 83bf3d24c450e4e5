// The four corners of the sheet: dragged by finger or mouse, or moved by the arrow keys.
const sheet = document.getElementById('sheet');
const outline = sheet.querySelector('polygon');
const corners = [...sheet.querySelectorAll('[data-corner]')];
const width = Number(sheet.dataset.width);
const height = Number(sheet.dataset.height);
const field = (name, n) => document.getElementById(`${name}${n}`);

function draw() {
  const points = corners.map((corner, n) => [Number(field('x', n).value), Number(field('y', n).value)]);
  corners.forEach((corner, n) => corner.setAttribute('transform', `translate(${points[n][0]} ${points[n][1]})`));
  outline.setAttribute('points', points.map((point) => point.join(',')).join(' '));
}

function put(n, x, y) {
  field('x', n).value = String(Math.round(Math.min(Math.max(x, 0), width)));
  field('y', n).value = String(Math.round(Math.min(Math.max(y, 0), height)));
  draw();
}

corners.forEach((corner, n) => {
  corner.addEventListener('pointerdown', (event) => { event.preventDefault(); corner.setPointerCapture(event.pointerId); corner.focus(); });
  corner.addEventListener('pointermove', (event) => {
    if (!corner.hasPointerCapture(event.pointerId)) return;
    const frame = sheet.getBoundingClientRect();
    put(n, ((event.clientX - frame.left) / frame.width) * width, ((event.clientY - frame.top) / frame.height) * height);
  });
  corner.addEventListener('keydown', (event) => {
    const step = (event.shiftKey ? 0.03 : 0.005) * Math.max(width, height);
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (!by) return;
    event.preventDefault();
    put(n, Number(field('x', n).value) + by[0], Number(field('y', n).value) + by[1]);
  });
});
document.getElementById('corners').addEventListener('input', draw);
