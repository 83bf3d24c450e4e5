// Adding a bulletin: pages are collected (camera, files, drop), shown, retaken, put in order, checked for blur and
// darkness on the phone itself, made smaller for a slow line, and sent with progress.  What could not be sent stays.
const form = document.getElementById('upload');
const words = form.dataset;
const shots = document.getElementById('shots');
const status = document.getElementById('upload-status');
const bar = document.getElementById('sent');
const pages = [];
const LONGEST = 3200;
let retaking = null; // the place of the page that is being taken again

function grey(canvas) {
  const { width, height } = canvas;
  const data = canvas.getContext('2d').getImageData(0, 0, width, height).data;
  const out = new Float32Array(width * height);
  for (let i = 0; i < out.length; i += 1) out[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
  return out;
}

// Mean brightness and the variance of the Laplacian: a blurred picture has few sharp edges.
function judge(canvas, width, height) {
  const light = grey(canvas);
  const w = canvas.width;
  let sum = 0;
  for (const value of light) sum += value;
  let total = 0; let square = 0; let count = 0;
  for (let y = 1; y < canvas.height - 1; y += 1) {
    for (let x = 1; x < w - 1; x += 1) {
      const at = y * w + x;
      const edge = light[at - 1] + light[at + 1] + light[at - w] + light[at + w] - 4 * light[at];
      total += edge; square += edge * edge; count += 1;
    }
  }
  const problems = [];
  if (sum / light.length < 60) problems.push(words.dark);
  if (square / count - (total / count) ** 2 < 60) problems.push(words.blur);
  if (Math.max(width, height) < 1200) problems.push(words.small);
  return problems;
}

// The corners of the bright sheet on a darker ground: the extreme points of what is brighter than the middle between
// the border and the centre.  Null when the sheet fills the picture.
function corners(canvas) {
  const light = grey(canvas);
  const { width, height } = canvas;
  let border = 0; let count = 0;
  for (let x = 0; x < width; x += 1) { border += light[x] + light[(height - 1) * width + x]; count += 2; }
  for (let y = 0; y < height; y += 1) { border += light[y * width] + light[y * width + width - 1]; count += 2; }
  border /= count;
  let centre = 0; let n = 0;
  for (let y = Math.floor(height * 0.4); y < height * 0.6; y += 1) {
    for (let x = Math.floor(width * 0.4); x < width * 0.6; x += 1) { centre += light[y * width + x]; n += 1; }
  }
  centre /= n;
  if (centre - border < 25) return null;
  const level = (centre + border) / 2;
  const best = [[Infinity], [-Infinity], [-Infinity], [Infinity]];
  for (let y = 2; y < height - 2; y += 1) {
    for (let x = 2; x < width - 2; x += 1) {
      const at = y * width + x;
      if (light[at] < level || light[at + 1] < level || light[at - 1] < level || light[at + width] < level) continue;
      if (x + y < best[0][0]) best[0] = [x + y, x, y];
      if (x - y > best[1][0]) best[1] = [x - y, x, y];
      if (x + y > best[2][0]) best[2] = [x + y, x, y];
      if (x - y < best[3][0]) best[3] = [x - y, x, y];
    }
  }
  return best.every((one) => one.length === 3) ? best.map((one) => [one[1], one[2]]) : null;
}

async function shrink(file) {
  if (!/^image\/(jpeg|png|webp)$/.test(file.type) || !window.createImageBitmap) return { file, bitmap: null };
  const bitmap = await createImageBitmap(file);
  const scale = LONGEST / Math.max(bitmap.width, bitmap.height);
  if (scale >= 1 || file.size < 1.5e6) return { file, bitmap };
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', 0.88); });
  return { file: new File([blob], file.name.replace(/\.\w+$/, '.jpg'), { type: 'image/jpeg' }), bitmap };
}

function draw() {
  shots.replaceChildren(...pages.map((page, place) => {
    const item = document.createElement('li');
    const title = document.createElement('strong');
    title.textContent = `${words.page} ${place + 1}: ${page.file.name}`;
    item.append(page.canvas || document.createElement('span'), title);
    for (const problem of page.problems) {
      const line = document.createElement('p');
      line.className = 'mark mark-todo text-wrap';
      line.textContent = problem;
      item.append(line);
    }
    const tools = document.createElement('div');
    tools.className = 'toolbar';
    const button = (label, act) => {
      const one = document.createElement('button');
      one.type = 'button';
      one.className = 'btn btn-outline-primary';
      one.textContent = label;
      one.setAttribute('aria-label', `${label}: ${words.page} ${place + 1}`);
      one.addEventListener('click', act);
      tools.append(one);
    };
    if (place > 0) button(words.up, () => { pages.splice(place - 1, 0, pages.splice(place, 1)[0]); draw(); });
    button(words.retake, () => { retaking = place; document.getElementById('camera').click(); });
    button(words.remove, () => { pages.splice(place, 1); draw(); });
    item.append(tools);
    return item;
  }));
}

async function add(files) {
  for (const given of files) {
    const page = { file: given, canvas: null, problems: [] };
    try {
      const { file, bitmap } = await shrink(given);
      page.file = file;
      if (bitmap) {
        const canvas = document.createElement('canvas');
        const scale = 320 / Math.max(bitmap.width, bitmap.height);
        canvas.width = Math.max(3, Math.round(bitmap.width * scale));
        canvas.height = Math.max(3, Math.round(bitmap.height * scale));
        const pen = canvas.getContext('2d', { willReadFrequently: true });
        pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
        page.problems = judge(canvas, bitmap.width, bitmap.height);
        const found = corners(canvas);
        if (found) {
          pen.strokeStyle = '#1d6fd1';
          pen.lineWidth = 4;
          pen.beginPath();
          found.forEach(([x, y], place) => (place ? pen.lineTo(x, y) : pen.moveTo(x, y)));
          pen.closePath();
          pen.stroke();
        }
        page.canvas = canvas;
      }
    } catch { /* a picture that this browser cannot draw is sent as it is */ }
    if (retaking !== null && retaking < pages.length) pages.splice(retaking, 1, page); else pages.push(page);
    retaking = null;
    draw();
  }
}

for (const id of ['camera', 'files']) {
  const field = document.getElementById(id);
  field.addEventListener('change', async () => {
    const chosen = [...field.files];
    field.value = '';
    await add(chosen);
  });
}

// The large button stands for the camera's own field, which stays for the keyboard and for screen readers.
document.getElementById('camera').classList.add('visually-hidden');

const drop = document.getElementById('drop');
for (const name of ['dragenter', 'dragover']) {
  drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add('over'); });
}
for (const name of ['dragleave', 'drop']) drop.addEventListener(name, () => drop.classList.remove('over'));
drop.addEventListener('drop', (event) => { event.preventDefault(); add([...event.dataTransfer.files]); });
document.addEventListener('paste', (event) => {
  const files = [...(event.clipboardData ? event.clipboardData.files : [])];
  if (files.length) add(files);
});

form.addEventListener('submit', (event) => {
  if (!pages.length) return; // nothing collected here: the plain form is sent
  event.preventDefault();
  const body = new FormData();
  for (const name of ['csrf_token', 'priority']) body.append(name, form.elements[name].value);
  for (const page of pages) body.append('files', page.file, page.file.name);
  const request = new XMLHttpRequest();
  request.open('POST', form.action);
  request.setRequestHeader('Accept', 'application/json');
  request.upload.onprogress = (state) => { if (state.lengthComputable) bar.value = (100 * state.loaded) / state.total; };
  const failed = (text) => { status.textContent = text; bar.hidden = true; delete form.dataset.sent; };
  request.onload = () => {
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { /* not JSON: told below */ }
    if (request.status === 201) { pages.length = 0; location.href = answer.location; return; }
    failed([answer.message || words.lost, answer.mend].filter(Boolean).join(' '));
  };
  request.onerror = () => failed(words.lost);
  request.ontimeout = request.onerror;
  bar.hidden = false;
  status.textContent = words.sending;
  request.send(body);
});

window.addEventListener('beforeunload', (event) => { if (pages.length) event.preventDefault(); });
