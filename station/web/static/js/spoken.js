// Listening from a sentence onward: each sentence is fetched when its turn comes, the next one a little before.
let player = null;
let token = 0;

export function stop() {
  token += 1;
  if (player) player.pause();
  for (const line of document.querySelectorAll('.spoken .playing')) line.classList.remove('playing');
}

async function playFrom(line) {
  stop();
  const mine = token;
  while (line && mine === token) {
    const link = line.querySelector('a.say');
    line.classList.add('playing');
    player = new Audio(link.href);
    const next = line.nextElementSibling;
    const following = next && next.querySelector('a.say');
    if (following) fetch(following.href).catch(() => {});
    try {
      await player.play();
      await new Promise((resolve) => { player.onended = resolve; player.onerror = resolve; player.onpause = resolve; });
    } catch { break; }
    line.classList.remove('playing');
    line = next;
  }
}

document.addEventListener('click', (event) => {
  const link = event.target.closest && event.target.closest('.spoken a.say');
  if (!link) return;
  event.preventDefault();
  const line = link.closest('.line');
  if (line.classList.contains('playing')) stop(); else playFrom(line);
});
