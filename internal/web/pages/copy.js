// Puts a button beside each address that copies it. Without a clipboard, as on
// a page without https, there is none: the address is there to be marked.
(() => {
  const words = document.querySelector("[data-copy]");
  if (!words || !navigator.clipboard || !navigator.clipboard.writeText) return;
  const said = document.createElement("p");
  said.className = "said";
  said.setAttribute("role", "status");
  document.querySelector("main").append(said);
  let timer;
  const say = (text) => {
    said.textContent = text;
    clearTimeout(timer);
    timer = setTimeout(() => { said.textContent = ""; }, 6000);
  };
  const offer = (place, link, name) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = words.dataset.copy;
    button.setAttribute("aria-label", words.dataset.copy + " (" + name + ")");
    button.addEventListener("click", () => navigator.clipboard.writeText(link.href).then(
      () => say(words.dataset.copied + link.href),
      () => getSelection().selectAllChildren(link)));
    place.append(button);
  };
  for (const item of document.querySelectorAll(".addresses li")) {
    offer(item, item.querySelector("a"), item.querySelector("b").textContent);
  }
  for (const item of document.querySelectorAll(".rows li")) {
    const link = item.querySelector(".formats a");
    offer(item.querySelector(".formats"), link, item.querySelector(".name").textContent + ", " + link.textContent);
  }
})();
