(function () {
  var data = JSON.parse(document.getElementById("whatif-data").textContent);
  var form = document.getElementById("whatif-form"), out = document.getElementById("whatif-out");
  if (!form || !out) return;
  function add(parent, tag, text, cls) {
    var node = document.createElement(tag);
    if (text) node.textContent = text;
    if (cls) node.className = cls;
    parent.appendChild(node);
    return node;
  }
  function show(value) {
    out.textContent = "";
    if (value === "") { add(out, "p", "The case as recorded. Choose another value above to see what would move."); return; }
    var at = value.split("."), lever = data[+at[0]], answer = lever.answers[+at[1]];
    var head = add(out, "p");
    add(head, "strong", "If the answer to \u201c" + lever.question + "\u201d were " + answer.label);
    head.appendChild(document.createTextNode(" (recorded: " + lever.now + "):"));
    if (!answer.moved.length) { add(out, "p", "No cause, red flag or indicated pathway would move."); return; }
    var list = add(out, "ul", "", "moves");
    answer.moved.forEach(function (move) {
      var item = add(list, "li");
      add(item, "strong", move.title);
      item.appendChild(document.createTextNode(" (" + move.kind + "): " + move.before + " \u2192 "));
      add(item, "span", move.after, "badge " + move.look);
      move.by.forEach(function (text) { add(item, "span", text, "meta"); });
    });
  }
  form.addEventListener("change", function (event) { show(event.target.value); });
  form.addEventListener("reset", function () { show(""); });
  form.hidden = false;
  show("");
})();
