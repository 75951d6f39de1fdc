// What pages have besides, where there is JavaScript: copying, moments that move the player, "/" for the search box.

"use strict";

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    const before = button.textContent;
    button.textContent = `✓ ${button.dataset.done ?? ""}`.trim();
    setTimeout(() => { button.textContent = before; }, 1500);
  });
}

const audio = document.querySelector("#player audio");
if (audio) {
  document.addEventListener("click", event => {
    const moment = event.target.closest("a[data-second]");
    if (!moment || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    audio.currentTime = Number(moment.dataset.second);
    audio.play();
    audio.scrollIntoView({ block: "nearest" });
  });
}

document.addEventListener("keydown", event => {
  const typing = /^(input|textarea|select)$/i.test(event.target.tagName);
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const box = [...document.querySelectorAll("#q")].find(one => one.offsetParent);
  if (box) { event.preventDefault(); box.focus(); box.select(); }
});

for (const scroll of document.querySelectorAll(".chart .scroll")) scroll.scrollLeft = scroll.scrollWidth;
