// Refreshes what changes, asks before what cannot be undone, hashes papers, and seeks in recordings. Nothing else needs a script.
"use strict";

const lost = document.getElementById("lost");

async function refresh(part) {
  const answer = await fetch(part.dataset.refresh, { headers: { Accept: "text/html" } });
  if (answer.redirected || answer.status === 401) {
    location.assign("/login");
    return;
  }
  if (!answer.ok) throw new Error(`${part.dataset.refresh}: ${answer.status}`);
  const html = await answer.text();
  // Replaced only when it differs, so that a button does not vanish under the finger.
  if (part.dataset.shown !== html) {
    part.dataset.shown = html;
    part.innerHTML = html;
  }
}

async function keepFresh(part) {
  try {
    if (!document.hidden) await refresh(part);
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  }
  setTimeout(keepFresh, Number(part.dataset.every) * 1000, part);
}

for (const part of document.querySelectorAll("[data-refresh]")) keepFresh(part);

document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
});

// The file stays where it is: its name and hash are written into the fields beside it.
document.addEventListener("change", async (event) => {
  if (!event.target.matches("[data-hash]") || !event.target.files.length) return;
  const [file] = event.target.files;
  const form = event.target.form;
  form.elements.paper.value = file.name;
  const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  form.elements.paper_sha256.value = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
  const cue = event.target.closest("[data-seek]");
  if (!cue) return;
  const audio = document.getElementById(cue.dataset.audio);
  audio.currentTime = Number(cue.dataset.seek) / 1000;
  audio.play();
});
