"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const KINDS = data.kinds.concat("reserved");
  const RESERVED = KINDS.length - 1;
  const MB = 1048576;

  // ---- the tree: input → package → folder → file; u unzipped, z zipped as far as it is known, n files ----

  let files = [];
  const make = (name, parent) => ({ name, parent, kids: null, kind: -1, u: 0, z: null, n: 0, hit: 0 });

  const read = (raw, parent) => {
    const node = make(raw[0], parent);
    if (Array.isArray(raw[1])) {
      fill(node, raw[1].map((kid) => read(kid, node)));
    } else {
      [, node.kind, node.u, node.z] = raw;
      node.n = 1;
      files.push(node);
    }
    return node;
  };
  const fill = (node, kids) => {
    node.kids = kids;
    const sums = new Map();
    for (const kid of kids) {
      node.u += kid.u;
      if (kid.z !== null) node.z = (node.z || 0) + kid.z;
      node.n += kid.n;
      sums.set(kid.kind, (sums.get(kid.kind) || 0) + kid.u);
    }
    // Where it is too small to be opened it has the colour of what it holds most of.
    node.kind = [...sums].reduce((most, one) => (one[1] > most[1] ? one : most), [9, -1])[0];
  };
  // A package whose files all lie in python/ shows what lies in there.
  const skip = (kids) => {
    let lead = "";
    while (kids.length === 1 && kids[0].kids) { lead += kids[0].name + "/"; kids = kids[0].kids; }
    return [kids, lead];
  };

  const root = make("everything", null);
  fill(root, data.inputs.map((input) => {
    const node = make(input.name, root);
    node.what = input.kind;
    node.zip = input.zip;
    fill(node, input.groups.filter(([, nodes]) => nodes.length).map(([name, nodes]) => {
      const group = make(name, node);
      const [kids, lead] = skip(nodes.map((raw) => read(raw, group)));
      for (const kid of kids) kid.parent = group;
      group.lead = lead;
      fill(group, kids);
      return group;
    }));
    return node;
  }).concat(data.reserved.map(([name, bytes]) => {
    const node = make(name, root);
    [node.kind, node.u, node.n] = [RESERVED, bytes, 0];
    return node;
  })));

  // From the layer's root on.
  const path = (node) => {
    const names = [];
    let group = node;
    for (; group.lead === undefined && group.parent && group.parent !== root; group = group.parent) names.unshift(group.name);
    return (group.lead || "") + names.join("/");
  };
  const ancestors = (node) => { const line = []; for (let at = node; at; at = at.parent) line.unshift(at); return line; };

  // ---- numbers, as layerpack prints them ----

  const bytes = (count) => {
    if (count < 1024) return count + " bytes";
    if (count < MB) return Math.ceil(count / 1024) + " kB";
    return (Math.floor((count * 10 + MB / 2) / MB) / 10).toFixed(1) + " MB";
  };
  const percent = (part, whole) => (whole ? (Math.round((part * 1000) / whole) / 10).toFixed(1) : "0.0") + " %";
  const count = (number, word) => number.toLocaleString("en") + " " + word + (number === 1 ? "" : "s");
  const kindOf = (node) => (node.kids ? (node.what || (node.lead !== undefined ? "package" : "folder")) : KINDS[node.kind]);

  const el = (tag, attributes, ...inside) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "class") made.className = value; else made.setAttribute(name, value);
    }
    made.append(...inside);
    return made;
  };

  // ---- state ----

  let at = root.kids.length === 1 && root.kids[0].kids ? root.kids[0] : root;
  let mode = "u";
  let words = "";
  let only = -1;
  let all = false;
  let tiles = [];
  // A folder has no zip.
  const unweighed = root.kids.filter((part) => part.kids && part.z === null).map((part) => part.name);
  const size = (node) => node[mode] || 0;
  const searching = () => words !== "" || only >= 0;

  // Counts what is found below every node. A file is looked for by its input, its package and its path.
  const search = () => {
    const wanted = searching();
    const visit = (node, above) => {
      const text = words && node !== root ? above + node.name.toLowerCase() : "";
      if (!node.kids) {
        node.hit = wanted && node.n && (only < 0 || node.kind === only) && text.includes(words) ? 1 : 0;
      } else {
        const below = text && text + "/" + (node.lead || "").toLowerCase();
        node.hit = node.kids.reduce((sum, kid) => sum + visit(kid, below), 0);
      }
      return node.hit;
    };
    visit(root, "");
  };

  // ---- squarified treemap (Bruls, Huizing, van Wijk), drawn only where there is room ----

  const squarify = (nodes, x, y, w, h) => {
    const placed = [];
    const total = nodes.reduce((sum, node) => sum + size(node), 0);
    if (!total || w < 1 || h < 1) return placed;
    const scale = (w * h) / total;
    let row = [];
    let sum = 0;
    const worst = (sum, first, last, side) => Math.max((side * side * first) / (sum * sum), (sum * sum) / (side * side * last));
    const lay = () => {
      const across = w < h;
      const side = across ? w : h;
      const depth = sum / side;
      let along = 0;
      for (const [node, area] of row) {
        const length = area / depth;
        placed.push(across ? [node, x + along, y, length, depth] : [node, x, y + along, depth, length]);
        along += length;
      }
      if (across) { y += depth; h -= depth; } else { x += depth; w -= depth; }
      row = [];
      sum = 0;
    };
    for (const node of nodes) {
      const area = size(node) * scale;
      // They are sorted: what follows is smaller still.
      if (area < 12) break;
      const side = Math.min(w, h);
      if (row.length && worst(sum + area, row[0][1], area, side) > worst(sum, row[0][1], row[row.length - 1][1], side)) lay();
      row.push([node, area]);
      sum += area;
    }
    if (row.length) lay();
    return placed;
  };
  const sorted = (node) => node.kids.filter((kid) => size(kid) > 0).sort((a, b) => size(b) - size(a) || (a.name < b.name ? -1 : 1));

  const MOST = 6000;
  const describe = (node) => {
    const share = percent(size(node), size(at));
    return `${node.name}, ${kindOf(node)}, ${bytes(size(node))}, ${share}${node.kids ? ", " + count(node.n, "file") : ""}`;
  };
  const place = (node, x, y, w, h, depth) => {
    if (w < 3 || h < 3 || tiles.length >= MOST) return;
    const open = node.kids && w > 48 && h > 44;
    const head = 18;
    const tile = el("button", { type: "button", class: "tile", tabindex: "-1", "aria-label": describe(node) });
    tile.classList.add(open ? "open" : "k" + node.kind);
    if (w < 30 || h < 18) tile.classList.add("bare");
    else if (open) tile.append(el("span", {}, node.name, el("small", {}, w > 110 ? bytes(size(node)) : "")));
    else {
      tile.append(el("span", {}, node.name));
      if (h > 34 && w > 48) tile.append(el("span", {}, el("small", {}, bytes(size(node)))));
    }
    if (searching()) tile.classList.add(!node.hit ? "dim" : !node.kids ? "hit" : "some");
    tile.style.cssText = `left:${x.toFixed(1)}px;top:${y.toFixed(1)}px;width:${w.toFixed(1)}px;height:${h.toFixed(1)}px`;
    tiles.push({ node, tile, x, y, w, h, depth });
    if (open) for (const inner of squarify(sorted(node), x + 3, y + head, w - 6, h - head - 3)) place(...inner, depth + 1);
  };

  const drawMap = (focus) => {
    const map = $("map");
    tiles = [];
    for (const tile of squarify(sorted(at), 0, 0, map.clientWidth, map.clientHeight)) place(...tile, 0);
    map.replaceChildren(...tiles.map((tile) => tile.tile));
    if (!tiles.length) map.append(el("p", { id: "nothing" }, "nothing to draw"));
    const chosen = tiles.find((tile) => tile.node === focus) || tiles[0];
    if (chosen) chosen.tile.tabIndex = 0;
    if (focus && chosen) chosen.tile.focus({ preventScroll: true });
  };

  // ---- what stands around the map ----

  const tell = (node) => {
    if (!node) { $("detail").textContent = $("keys").textContent; return; }
    const sizes = [bytes(node.u) + " unzipped"];
    if (node.z !== null) sizes.push(bytes(node.z) + " zipped");
    const where = node.lead !== undefined || !node.parent || node.parent === root ? node.name : path(node);
    $("detail").textContent = [where, kindOf(node), ...sizes, percent(size(node), size(root)) + " of everything",
      ...(node.kids ? [count(node.n, "file")] : [])].join(" · ");
  };

  const drawHead = () => {
    const limit = data.limit;
    $("total").textContent = `${bytes(root.u)} of ${bytes(limit)} unzipped`;
    const zips = data.inputs.map((input) => input.zip);
    const zipped = zips.length && zips.every((zip) => zip !== null) ? ` · ${bytes(zips.reduce((a, b) => a + b, 0))} zipped` : "";
    const layers = data.inputs.filter((input) => input.kind === "layer").length + data.reserved.length;
    const over = root.u > limit;
    const left = over ? el("b", {}, `${bytes(root.u - limit)} too much`) : `${bytes(limit - root.u)} left`;
    $("about").append(`${root.u} of ${limit} bytes, `, left, `${zipped} · ${layers} of 5 layers · ${count(root.n, "file")}`);
    const gauge = $("gauge");
    gauge.setAttribute("aria-label", `${percent(root.u, limit)} of the limit`);
    gauge.classList.toggle("over", over);
    for (const part of root.kids) {
      const share = el("i", { class: part.kids ? "" : "reserved" });
      share.style.width = (100 * part.u) / Math.max(limit, root.u) + "%";
      gauge.append(share);
      const sizes = bytes(part.u) + (part.zip ? `, zipped ${bytes(part.zip)}` : "");
      $("parts").append(el("li", {}, el("b", {}, part.name), ` ${part.what || "reserved"}, ${sizes}`));
    }
  };

  const drawCrumbs = () => {
    $("crumbs").replaceChildren(...ancestors(at).map((node) => {
      if (node === at) return el("li", { "aria-current": "page" }, node.name);
      const button = el("button", { type: "button" }, node.name);
      button.addEventListener("click", () => open(node, at));
      return el("li", {}, button);
    }));
  };

  const drawKinds = () => {
    const sums = new Map();
    const inside = (node) => { if (node.kids) node.kids.forEach(inside); else sums.set(node.kind, (sums.get(node.kind) || 0) + size(node)); };
    inside(at);
    const held = [...sums].filter(([, sum]) => sum > 0).sort((a, b) => b[1] - a[1]);
    $("kinds").replaceChildren(...held.map(([kind, sum]) => {
      const button = el("button", { type: "button", "aria-pressed": String(only === kind) },
        el("i", { class: "k" + kind }), KINDS[kind], el("small", {}, bytes(sum)));
      button.disabled = kind === RESERVED;
      button.addEventListener("click", () => {
        only = only === kind ? -1 : kind;
        draw();
        $("kinds").querySelectorAll("button")[held.findIndex(([other]) => other === kind)].focus();
      });
      return button;
    }));
  };

  const drawTable = () => {
    const inside = (node) => { for (let up = node; up; up = up.parent) if (up === at) return true; return false; };
    const listed = searching()
      ? files.filter((file) => file.hit && inside(file)).sort((a, b) => size(b) - size(a))
      : at.kids ? at.kids.slice().sort((a, b) => size(b) - size(a)) : [];
    $("caption").textContent = searching() ? `What was found in ${at.name}` : `What ${at.name} holds`;
    const shown = listed.slice(0, all ? 2000 : 50);
    $("rows").replaceChildren(...shown.map((node) => {
      const name = searching() ? ancestors(node).slice(1, 3).map((up) => up.name).join(" › ") + " › " + path(node) : node.name;
      let cell = name;
      if (node.kids || searching()) {
        cell = el("button", { type: "button" }, name);
        cell.addEventListener("click", () => (node.kids ? open(node) : open(node.parent, node)));
      }
      const zipped = node.z === null ? "" : bytes(node.z);
      return el("tr", {}, el("td", {}, cell), el("td", {}, kindOf(node)), el("td", {}, bytes(node.u)), el("td", {}, zipped),
        el("td", {}, percent(size(node), size(at))));
    }));
    const more = $("more");
    more.hidden = listed.length <= shown.length;
    more.textContent = `Show ${Math.min(listed.length, 2000) - shown.length} more`;
    if (all && !more.hidden) more.textContent = `${listed.length - shown.length} more, smaller than these`;
    more.disabled = all;
  };

  const drawFound = () => {
    const without = mode === "z" && unweighed.length ? `Zipped sizes are not known of ${unweighed.join(", ")}.` : "";
    if (!searching()) { $("found").textContent = without; return; }
    let [u, z, n] = [0, 0, 0];
    for (const file of files) if (file.hit) { u += file.u; z += file.z || 0; n += 1; }
    const zipped = root.z !== null && !unweighed.length ? `, ${bytes(z)} zipped` : "";
    $("found").textContent = n ? `${count(n, "file")} found: ${bytes(u)} unzipped${zipped}. ${without}` : "Nothing found.";
  };

  const draw = (focus) => {
    search();
    drawCrumbs();
    drawMap(focus);
    drawKinds();
    drawTable();
    drawFound();
    tell(focus || null);
  };

  // ---- moving about ----

  const open = (node, focus) => {
    if (!node.kids) return;
    at = node;
    all = false;
    // From two levels up, the tile is the one that holds where we were.
    let tile = focus;
    while (tile && tile.parent !== at) tile = tile.parent;
    draw(tile || (tiles.length ? sorted(at)[0] : undefined));
  };
  const up = () => { if (at.parent) open(at.parent, at); };
  const drawn = (button) => tiles.find((tile) => tile.tile === button);
  const press = (node) => {
    if (node.kids) open(node);
    else if (node.parent && node.parent !== at) open(node.parent, node);
    else tell(node);
  };

  const map = $("map");
  map.addEventListener("click", (event) => {
    const tile = drawn(event.target.closest(".tile"));
    if (tile) press(tile.node);
  });
  const show = (event) => { const tile = drawn(event.target.closest(".tile")); if (tile) tell(tile.node); };
  map.addEventListener("mouseover", show);
  map.addEventListener("focusin", (event) => {
    const chosen = event.target.closest(".tile");
    if (!chosen) return;
    for (const { tile } of tiles) if (tile.tabIndex === 0 && tile !== chosen) tile.tabIndex = -1;
    chosen.tabIndex = 0;
    show(event);
  });

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const next = (from, [dx, dy]) => {
    let best = null;
    let least = Infinity;
    for (const other of tiles) {
      if (other === from || other.depth !== from.depth) continue;
      // How far it lies ahead, and how far beside.
      const ahead = dx > 0 ? other.x - (from.x + from.w) : dx < 0 ? from.x - (other.x + other.w)
        : dy > 0 ? other.y - (from.y + from.h) : from.y - (other.y + other.h);
      if (ahead < -1) continue;
      const beside = dx ? Math.max(0, other.y - from.y - from.h + 1, from.y - other.y - other.h + 1)
        : Math.max(0, other.x - from.x - from.w + 1, from.x - other.x - other.w + 1);
      const start = dx ? Math.abs(other.y - from.y) : Math.abs(other.x - from.x);
      const distance = ahead * 2 + beside * 4 + start * 0.1;
      if (distance < least) { least = distance; best = other; }
    }
    return best;
  };
  map.addEventListener("keydown", (event) => {
    const from = drawn(event.target.closest(".tile"));
    if (from && ARROWS[event.key]) {
      event.preventDefault();
      const to = next(from, ARROWS[event.key]);
      if (to) to.tile.focus({ preventScroll: true });
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const field = event.target === $("search");
    if (field && event.key === "Escape" && words) { event.preventDefault(); $("search").value = words = ""; draw(); return; }
    if (field) return;
    if (event.key === "/") { event.preventDefault(); $("search").focus(); }
    if (event.key === "Escape" || event.key === "Backspace") { event.preventDefault(); up(); }
  });

  let waiting = 0;
  $("search").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { words = $("search").value.trim().toLowerCase(); all = false; draw(); }, 80);
  });
  $("bar").addEventListener("submit", (event) => event.preventDefault());
  $("bar").addEventListener("change", (event) => {
    if (event.target.name !== "size") return;
    mode = event.target.value;
    draw();
  });
  $("more").addEventListener("click", () => { all = true; drawTable(); });
  const [, zipped] = document.getElementsByName("size");
  if (root.z === null) {
    zipped.disabled = true;
    zipped.parentElement.title = "not known: folders have no zip";
  }

  drawHead();
  draw();
  new ResizeObserver(() => { if (!map.contains(document.activeElement)) drawMap(); else drawMap(drawn(document.activeElement).node); }).observe(map);
})();
