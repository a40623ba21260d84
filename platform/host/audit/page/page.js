"use strict";
(() => {
const USED = 1, UNUSED = 2, NEVER = 3, UNKNOWN = 4, YOUNG = 5, EMPTY = 6;
const STATUS = ["", "used", "unused", "never", "unknown", "young", "no service"];
const CLASS = ["", "used", "unused", "never", "unknown", "young", "empty"];
const TYPE = ["", "user", "group", "role", "policy"];
const LAST = Infinity; /* a key that sorts behind all others, in both directions */
const MOST = 300000;   /* rows in one table: browsers end an element at some 17 million pixels */
const PRINTED = 3000;  /* rows on paper, some 150 sheets; for ten times as many a browser takes minutes or gives up */
const $ = id => document.getElementById(id);
const number = n => n.toLocaleString("en-US");
const several = (n, one) => number(n) + " " + one + (n === 1 ? "" : "s");

/* What cannot be seen, or turns the text around it, is named: ‹U+202E›. */
const UNSEEN = /[\0-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;
const shown = text => text.replace(UNSEEN, c => "‹U+" + c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0") + "›");
/* An element; text of the report comes in only here and on the canvas, as text. */
function make(tag, name, text, ...inside) {
    const e = document.createElement(tag);
    if (name) e.className = name;
    if (text != null) e.textContent = shown(text);
    e.append(...inside);
    return e;
}

/* ---- The report ---- */

const raw = JSON.parse($("data").textContent);
$("data").remove();
$("cut").remove();
const thresholdDays = +document.querySelector("[data-days]").dataset.days;
const arns = [], services = [], texts = [], rows = [];
const serviceOf = new Map(), pairs = [];

const short = arn => arn.slice(1 + Math.max(arn.lastIndexOf("/"), arn.includes("/") ? 0 : arn.lastIndexOf(":")));
/* A text that comes for the first time stands there itself; after that, its number. */
function textAt(v) {
    if (typeof v === "string") return texts.push(v) - 1;
    return v == null ? -1 : v;
}
function pairAt(v) {
    if (!Array.isArray(v)) return v;
    let service = serviceOf.get(v[0]);
    if (service === undefined) {
        service = services.push({namespace: v[0], used: 0}) - 1;
        serviceOf.set(v[0], service);
    }
    return pairs.push({service, name: v[1]}) - 1;
}
for (const [text, type, created, state, granted, used, unused, never, ...list] of raw) {
    const arn = arns.length;
    arns.push({text, type, created, state, granted, used, unused, never, name: type ? short(text) : text, cells: new Map()});
    const add = (pair, status, days, seconds, who, region, total, code, message) =>
        rows.push({arn, pair, service: pair < 0 ? -1 : pairs[pair].service, status, days, seconds, who, region, total, code, message}) - 1;
    for (const r of list) {
        if (r[1] === UNKNOWN) {
            add(-1, UNKNOWN, null, null, -1, -1, null, r[2] || "", r[3] || "");
            continue;
        }
        const pair = pairAt(r[0]), {service} = pairs[pair], who = r[4] === true ? -2 : textAt(r[4]), region = textAt(r[5]);
        arns[arn].cells.set(service, add(pair, r[1], r[2], r[3], who, region, r[6]));
        services[service].used += r[1] === USED || r[1] === UNUSED;
    }
    if (!list.length)
        add(-1, state === 1 ? YOUNG : state === 2 ? UNKNOWN : EMPTY, null, null, -1, -1, null, "", "");
}
const N = rows.length;
const who = r => r.who === -2 ? arns[r.arn].text : r.who < 0 ? "" : texts[r.who];
const region = r => r.region < 0 ? "" : texts[r.region];
const day = seconds => new Date(seconds * 1000).toISOString().slice(0, 10);
const minute = seconds => new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ") + " UTC";
const ago = days => days == null ? "" : days < 0 ? "in the future" : days === 0 ? "today" : several(days, "day") + " ago";

/* ---- Search, filter, order ---- */

const wanted = {words: [], statuses: new Set(), types: new Set(), arn: -1, service: -1, column: -1, down: false};
let seen = []; /* numbers of the rows that are shown, in their order */

const low = {
    arns: arns.map(a => a.text.toLowerCase()), pairs: pairs.map(p => (services[p.service].namespace + " " + p.name).toLowerCase()),
    texts: texts.map(t => t.toLowerCase()),
};
/* Each word is looked for once in each text; a row then only asks for the answers. */
function filter() {
    const words = wanted.words.map(word => ({
        word, arn: low.arns.map(t => t.includes(word)), pair: low.pairs.map(t => t.includes(word)),
        text: low.texts.map(t => t.includes(word)), status: STATUS.map(t => t === word), type: TYPE.map(t => t === word),
    }));
    const out = [];
    next: for (let i = 0; i < N; i++) {
        const r = rows[i];
        if (wanted.statuses.size && !wanted.statuses.has(r.status) && !(wanted.statuses.has(YOUNG) && arns[r.arn].state === 1)) continue;
        if (wanted.types.size && !wanted.types.has(arns[r.arn].type)) continue;
        if (wanted.arn >= 0 && r.arn !== wanted.arn) continue;
        if (wanted.service >= 0 && r.service !== wanted.service) continue;
        for (const w of words)
            if (!(w.arn[r.arn] || w.pair[r.pair] || w.text[r.who] || w.text[r.region] || w.status[r.status] || w.type[arns[r.arn].type] ||
                  (r.status === UNKNOWN && (r.code + " " + r.message).toLowerCase().includes(w.word)))) continue next;
        out.push(i);
    }
    return out;
}
/* The place of each text among its kind, so that rows are compared by numbers. */
function places(list) {
    const order = list.map((_, i) => i).sort((a, b) => list[a] < list[b] ? -1 : list[a] > list[b] ? 1 : a - b), out = [];
    order.forEach((i, place) => out[i] = place && list[i] === list[order[place - 1]] ? out[order[place - 1]] : place);
    return out;
}
const columns = [
    {title: "ARN", key: () => { const p = places(arns.map(a => a.name.toLowerCase() + "\0" + a.text)); return r => p[r.arn]; }},
    {title: "Type", key: () => r => arns[r.arn].type || LAST},
    {title: "Service", key: () => { const p = places(services.map(s => s.namespace)); return r => r.service < 0 ? LAST : p[r.service]; }},
    {title: "Status", key: () => r => r.status},
    {title: "Last access", key: () => r => r.status === NEVER ? 1e15 : r.seconds != null ? -r.seconds : LAST},
    {title: "By", key: () => { const p = places([...arns.map(a => a.text), ...texts]); return r => r.who === -2 ? p[r.arn] : r.who < 0 ? LAST : p[arns.length + r.who]; }},
];
function order(list) {
    const column = columns[wanted.column];
    if (!column) return;
    if (!column.keys) column.keys = Float64Array.from(rows, column.key());
    const keys = column.keys, way = wanted.down ? -1 : 1;
    list.sort((a, b) => keys[a] === keys[b] ? a - b : keys[a] === LAST ? 1 : keys[b] === LAST ? -1 : (keys[a] - keys[b]) * way);
}

/* ---- The rows: only those in the window are in the document ---- */

const table = $("table").querySelector("table"), head = table.tHead.rows[0], body = table.tBodies[0];
const two = (first, second, name) => [make("b", "", first), make("small", name || "", second)];
let current = 0, from = -1, to = -1, printing = false;

function cell(index, ...inside) {
    return make("td", "c" + index, null, ...inside);
}
function line(place) {
    const r = rows[seen[place]], a = arns[r.arn], s = services[r.service], tr = make("tr", place && rows[seen[place - 1]].arn === r.arn ? "r again" : "r");
    tr.className += " " + CLASS[r.status];
    let what, when = ["", ""], by = ["", ""];
    if (s) what = [s.namespace, pairs[r.pair].name];
    else if (r.status === UNKNOWN) what = [r.code || "Not read", r.message];
    else if (r.status === YOUNG) what = ["Too young to judge", a.created == null ? "" : "created " + day(a.created)];
    else what = ["No service", "in its report"];
    if (r.seconds != null) when = [ago(r.days), day(r.seconds)];
    else if (r.status === NEVER) when = ["never", ""];
    if (who(r)) by = [short(who(r)), region(r)];
    else if (r.total) by = [several(r.total, "entity").replace("entitys", "entities"), region(r)];
    const [name, arn] = two(a.name, a.text, "arn");
    arn.title = shown(a.text);
    const about = two(...what);
    if (r.message) about[1].title = shown(r.message);
    tr.append(cell(0, name, arn), cell(1, ...two(TYPE[a.type], a.state === 1 ? "young" : "")), cell(2, ...about),
        cell(3, make("span", "dot " + CLASS[r.status], STATUS[r.status])), cell(4, ...two(...when)), cell(5, ...two(...by)));
    tr.tabIndex = place === current ? 0 : -1;
    tr.dataset.place = place;
    tr.setAttribute("aria-rowindex", place + 2);
    return tr;
}
function gap(height) {
    const td = make("td"), tr = make("tr", "gap", null, td);
    td.colSpan = columns.length;
    td.style.height = height + "px";
    tr.setAttribute("aria-hidden", "true");
    return tr;
}
const rowHeight = () => body.querySelector(".r")?.getBoundingClientRect().height || 50; /* all are as high */

function draw(always, again) {
    if (printing) return;
    const height = rowHeight(), count = Math.min(seen.length, MOST), top = body.getBoundingClientRect().top;
    const first = Math.max(0, Math.min(count, Math.floor(-top / height)) - 10);
    const end = Math.min(count, first + Math.ceil(innerHeight / height) + 20);
    if (!always && first === from && end === to) return;
    from = first;
    to = end;
    if (current < from || current >= to) current = Math.min(from + 10, Math.max(0, count - 1));
    const focused = body.contains(document.activeElement);
    const list = [];
    if (first) list.push(gap(first * height));
    for (let i = first; i < end; i++) list.push(line(i));
    if (end < count) list.push(gap((count - end) * height));
    body.replaceChildren(...list);
    if (!again && rowHeight() !== height) draw(true, true); /* the first rows of all, or of another width */
    if (focused) (body.querySelector("tr[tabindex='0']") || $("table")).focus({preventScroll: true});
}
function goTo(place) {
    const height = rowHeight(), count = Math.min(seen.length, MOST);
    if (!count) return;
    current = Math.max(0, Math.min(count - 1, place));
    const top = body.getBoundingClientRect().top + current * height;
    const least = $("bar").getBoundingClientRect().bottom + head.offsetHeight, most = innerHeight - height;
    if (top < least) scrollBy(0, top - Math.max(0, least) - 4);
    else if (top > most) scrollBy(0, top - most + 4);
    draw(true);
    body.querySelector("tr[tabindex='0']")?.focus({preventScroll: true});
}
$("table").addEventListener("keydown", e => {
    if (e.target.closest("thead, button") || e.ctrlKey || e.altKey || e.metaKey) return;
    const page = Math.max(1, Math.floor(innerHeight / rowHeight()) - 4);
    const by = {ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity}[e.key];
    if (by) goTo(current + by);
    else if (e.key === "Enter" || e.key === " ") more(seen[current]);
    else return;
    e.preventDefault();
});
body.addEventListener("focusin", e => {
    const tr = e.target.closest("tr.r");
    if (!tr) return;
    body.querySelector("tr[tabindex='0']")?.setAttribute("tabindex", -1);
    current = +tr.dataset.place;
    tr.tabIndex = 0;
});
body.addEventListener("click", e => {
    const tr = e.target.closest("tr.r");
    if (tr && !String(getSelection())) more(seen[+tr.dataset.place]);
});
columns.forEach((column, i) => {
    const button = make("button", "", column.title);
    button.type = "button";
    button.addEventListener("click", () => {
        if (wanted.column !== i) Object.assign(wanted, {column: i, down: false});
        else if (!wanted.down) wanted.down = true;
        else Object.assign(wanted, {column: -1, down: false});
        update();
    });
    const th = make("th", "c" + i, null, button);
    th.scope = "col";
    th.dataset.title = column.title;
    head.append(th);
});

/* ---- All of one row ---- */

function more(index) {
    const r = rows[index], a = arns[r.arn], s = services[r.service], dialog = $("more"), list = make("dl"), buttons = make("div", "buttons");
    const add = (name, value, kind) => value && list.append(make("dt", "", name), make("dd", kind || "", value));
    const button = (text, action) => {
        const b = make("button", "plain-button", text);
        b.type = "button";
        b.addEventListener("click", () => { dialog.close(); action(); });
        buttons.append(b);
    };
    const title = make("h2", "", s ? a.name + ", " + s.namespace : a.name);
    title.id = "more-title";
    add("ARN", a.text, "arn");
    add("Type", TYPE[a.type]);
    add("Created", a.created == null ? "" : minute(a.created));
    add("Service", s && s.namespace + (pairs[r.pair].name && ", " + pairs[r.pair].name));
    list.append(make("dt", "", "Status"), make("dd", "", null, make("span", "dot " + CLASS[r.status], STATUS[r.status])));
    add("Last access", r.seconds == null ? r.status === NEVER ? "never in the tracking period" : "" : minute(r.seconds) + ", " + ago(r.days));
    add("By", who(r), "arn");
    add("Region", region(r));
    add("Entities", r.total == null ? "" : number(r.total));
    add("Error", r.code);
    add("", r.message);
    if (s || a.granted) add("Of this ARN", several(a.granted, "service") + ": " + number(a.used) + " used, " + (thresholdDays ? number(a.unused) + " unused, " : "") + number(a.never) + " never");
    button("Close", () => 0);
    button("Only this ARN", () => pin("arn", r.arn));
    if (s) button("Only this service", () => pin("service", r.service));
    dialog.replaceChildren(title, list, buttons);
    dialog.showModal();
}
$("more").addEventListener("click", e => e.target === $("more") && $("more").close());
function pin(kind, value) {
    wanted[kind] = value;
    update();
    $("table-part").scrollIntoView();
}

/* ---- The map: ARNs from top to bottom, services from left to right ---- */

const map = $("map"), canvas = map.querySelector("canvas"), pen = canvas.getContext("2d"), extent = $("extent"), tip = $("tip");
const EDGES = [0, 1, 7, 30, 90, 180, 365];
const grid = {arns: [], services: [], side: 14, left: 0, top: 0, x: 0, y: 0, on: false, match: null};
/* Blues for what counts as used, ambers for what does not: by days, and told apart by their lightness as well. */
const bins = [];
for (const unused of [false, true]) {
    const edges = unused ? thresholdDays ? [thresholdDays, ...EDGES.filter(d => d > thresholdDays)] : [] : EDGES.filter(d => d < (thresholdDays || 365) && d < 365);
    const shades = unused ? 3 : 5;
    edges.forEach((low, i) => {
        const next = edges[i + 1] ?? (unused ? Infinity : thresholdDays || Infinity);
        const text = low === 0 && next === 1 ? "today" : next === Infinity ? low + " days or more" : next - low === 1 ? several(low, "day") : low + "–" + (next - 1) + " days";
        bins.push({unused, low, text, color: "--" + (unused ? "x" : "u") + (edges.length < 2 ? 2 : Math.round(i * shades / (edges.length - 1)))});
    });
}
const bin = r => bins.findLast(b => b.unused === (r.status === UNUSED) && b.low <= Math.max(0, r.days)) || bins.find(b => b.unused === (r.status === UNUSED)) || bins[0];
for (const r of rows) r.color = r.status === NEVER ? "--never" : r.service < 0 ? "" : bin(r).color;
const css = {};

function legend() {
    const style = getComputedStyle(document.documentElement), list = $("legend");
    for (const name of ["--card", "--ink", "--soft", "--line", "--never", "--never-line", "--young", "--unknown", "--focus", "--hover", ...bins.map(b => b.color)])
        css[name] = style.getPropertyValue(name).trim();
    css.sans = getComputedStyle(document.body).fontFamily;
    list.replaceChildren();
    const add = (kind, color, text) => {
        const i = make("i");
        if (color) i.style.background = css[color];
        list.append(make("li", kind, null, i, make("span", "", text)));
    };
    bins.forEach((b, at) => add(b.unused && !bins[at - 1].unused ? "first" : "", b.color, b.text));
    add("never first", "--never", "never");
    add("none", "", "not in the report");
}
/* What the map shows follows the rows that are shown; of these ARNs and services the other squares are faint. */
function arrange() {
    const has = new Set(), columnsSeen = new Set(), use = $("order").value === "use";
    grid.match = new Uint8Array(N);
    for (const i of seen) {
        grid.match[i] = 1;
        has.add(rows[i].arn);
        if (rows[i].service >= 0) columnsSeen.add(rows[i].service);
    }
    const share = a => a.state === 2 ? -2 : a.granted ? a.used + a.unused : -1;
    grid.arns = [...has].sort((a, b) => use && share(arns[b]) - share(arns[a]) || a - b);
    const name = (a, b) => services[a].namespace < services[b].namespace ? -1 : 1;
    grid.services = [...columnsSeen].sort((a, b) => use && services[b].used - services[a].used || name(a, b));
    grid.x = Math.min(grid.x, Math.max(0, grid.services.length - 1));
    grid.y = Math.min(grid.y, Math.max(0, grid.arns.length - 1));
    $("map-count").textContent = several(grid.arns.length, "ARN") + " × " + several(grid.services.length, "service");
    measure();
}
const fits = new Map();
function fit(text, width) {
    const key = width + text;
    if (!fits.has(key)) {
        let t = shown(text);
        if (pen.measureText(t).width > width) {
            let a = 0, b = t.length;
            while (a < b) {
                const m = a + b + 1 >> 1;
                if (pen.measureText(t.slice(0, m) + "…").width <= width) a = m;
                else b = m - 1;
            }
            t = t.slice(0, a) + "…";
        }
        if (fits.size > 5000) fits.clear();
        fits.set(key, t);
    }
    return fits.get(key);
}
const LABELLED = 13; /* the least side of squares that leaves room for names beside them */
function measure() {
    const narrow = innerWidth < 760;
    pen.font = "12.5px " + css.sans;
    const longest = grid.arns.slice(0, 400).reduce((most, a) => Math.max(most, pen.measureText(arns[a].name).width), 0);
    const frame = side => side < LABELLED ? [12, 12, 12] : narrow ? [128, 84, 40] : [Math.max(180, Math.min(400, longest + 96)), 128, 64];
    const fitting = edge => Math.floor((map.offsetWidth - 20 - frame(edge)[0] - frame(edge)[2]) / Math.max(1, grid.services.length));
    grid.side = +$("size").value || Math.max(narrow ? 8 : 5, Math.min(28, fitting(28) >= LABELLED ? fitting(28) : Math.min(LABELLED - 1, fitting(1))));
    const [left, top, right] = frame(grid.side);
    Object.assign(grid, {left, top});
    extent.style.width = grid.left + grid.services.length * grid.side + right + "px";
    const height = grid.top + grid.arns.length * grid.side + 14;
    map.style.height = height + 16 + "px";
    canvas.style.width = canvas.style.height = "0"; /* so that only the extent decides on scroll bars */
    extent.style.height = height + "px";
    const w = map.clientWidth, h = map.clientHeight, dense = devicePixelRatio || 1;
    canvas.width = Math.round(w * dense);
    canvas.height = Math.round(h * dense);
    canvas.style.width = w + "px";
    canvas.style.height = h + "px";
    extent.style.height = Math.max(0, height - h) + "px";
    paint();
}
const place = (x, y) => [grid.left + x * grid.side - map.scrollLeft, grid.top + y * grid.side - map.scrollTop];
const at = (x, y) => arns[grid.arns[y]]?.cells.get(grid.services[x]);

function square(r, x, y) {
    const pad = grid.side > 10 ? 1.5 : .5, side = grid.side - 2 * pad, color = css[rows[r].color];
    const alpha = grid.match[r] ? 1 : .2;
    if (pen.globalAlpha !== alpha) pen.globalAlpha = alpha;
    if (grid.color !== color) pen.fillStyle = grid.color = color;
    if (side < 8) pen.fillRect(x + pad, y + pad, side, side);
    else {
        pen.beginPath();
        pen.roundRect(x + pad, y + pad, side, side, 3);
        pen.fill();
    }
}
function rowLabel(a, y, on) {
    const middle = y + grid.side / 2, right = grid.left - 12, small = grid.side < 20;
    pen.font = (on ? "600 " : "") + (small ? 11 : 12.5) + "px " + css.sans;
    pen.textBaseline = "middle";
    pen.textAlign = "left";
    const tail = a.state === 1 ? "young" : a.state === 2 ? "unknown" : a.used + a.unused + "/" + a.granted;
    pen.fillStyle = css[a.state === 2 ? "--unknown" : a.state === 1 ? "--young" : "--soft"];
    const width = pen.measureText(tail).width;
    pen.fillText(tail, right - width, middle);
    pen.fillStyle = css["--ink"];
    pen.fillText(fit(a.name, right - width - 26), 16, middle);
}
function columnLabel(s, x, on) {
    pen.save();
    pen.translate(x + grid.side / 2 + 3, grid.top - 8);
    pen.rotate(-Math.PI / 3);
    pen.font = (on ? "600 " : "") + (grid.side < 20 ? 11 : 12.5) + "px " + css.sans;
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    pen.fillStyle = css[on ? "--ink" : "--soft"];
    pen.fillText(fit(s.namespace, grid.top * 1.05 - 14), 0, 0);
    pen.restore();
}
function paint() {
    const dense = devicePixelRatio || 1, w = canvas.width / dense, h = canvas.height / dense, side = grid.side;
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    pen.clearRect(0, 0, w, h);
    const x0 = Math.max(0, Math.floor(map.scrollLeft / side) - 4), x1 = Math.min(grid.services.length, Math.ceil((map.scrollLeft + w - grid.left) / side));
    const y0 = Math.max(0, Math.floor(map.scrollTop / side)), y1 = Math.min(grid.arns.length, Math.ceil((map.scrollTop + h - grid.top) / side));
    const clip = (x, y, width, height, action) => {
        pen.save();
        pen.beginPath();
        pen.rect(x, y, width, height);
        pen.clip();
        action();
        pen.restore();
    };
    clip(grid.left - 2, grid.top - 2, w, h, () => {
        const [left, top] = place(0, 0), gaps = [];
        grid.color = "";
        for (let y = y0; y < y1; y++) {
            const {cells} = arns[grid.arns[y]];
            for (let x = x0; x < x1; x++) {
                const r = cells.get(grid.services[x]);
                if (r !== undefined) square(r, left + x * side, top + y * side);
                else if (side > 7) gaps.push([left + x * side, top + y * side]);
            }
        }
        pen.globalAlpha = .5;
        pen.fillStyle = css["--never-line"];
        for (const [x, y] of gaps) pen.fillRect(x + side / 2 - .75, y + side / 2 - .75, 1.5, 1.5);
        pen.globalAlpha = 1;
        if (grid.on) {
            const [px, py] = place(grid.x, grid.y);
            pen.strokeStyle = css["--focus"];
            pen.lineWidth = 2;
            pen.beginPath();
            pen.roundRect(px, py, side, side, 4);
            pen.stroke();
        }
    });
    if (grid.side < LABELLED) return;
    clip(0, grid.top - 2, grid.left - 4, h, () => {
        for (let y = y0; y < y1; y++) rowLabel(arns[grid.arns[y]], place(0, y)[1], grid.on && y === grid.y);
    });
    clip(grid.left - 4, 0, w, grid.top, () => {
        for (let x = x0; x < x1; x++) columnLabel(services[grid.services[x]], place(x, 0)[0], grid.on && x === grid.x);
    });
}
function tell() {
    const a = arns[grid.arns[grid.y]], s = services[grid.services[grid.x]], r = rows[at(grid.x, grid.y)];
    const [x, y] = place(grid.x, grid.y), box = map.getBoundingClientRect();
    tip.hidden = !grid.on || !a || x < 0 || y < 0 || x > box.width || y > box.height;
    if (tip.hidden) return;
    const text = !s ? a.state === 2 ? "unknown" : "no service" : !r ? a.state === 1 && !a.cells.size ? s.namespace + ": too young to judge" : a.state === 2 ? s.namespace + ": unknown, not read" : s.namespace + ": not in its report" :
        s.namespace + ": " + (r.seconds == null ? r.status === NEVER ? "never in the tracking period" : STATUS[r.status] : (r.status === UNUSED ? "unused, last access " : "") + ago(r.days) + ", " + day(r.seconds));
    const by = r && who(r) ? ", by " + short(who(r)) + (region(r) ? " in " + region(r) : "") : "";
    tip.replaceChildren(make("b", "", a.name), make("span", "", text + by));
    const middle = {x: x + grid.side / 2, y: y + grid.side / 2};
    map.dataset.x = middle.x;
    map.dataset.y = middle.y;
    map.dataset.row = at(grid.x, grid.y) ?? "";
    const left = Math.max(12, Math.min(innerWidth - tip.offsetWidth - 12, box.left + middle.x - tip.offsetWidth / 2));
    const above = box.top + y - tip.offsetHeight - 10;
    tip.style.left = left + "px";
    tip.style.top = (above > 8 ? above : box.top + y + grid.side + 10) + "px";
}
function point(x, y, on) {
    grid.on = on;
    if (on) {
        grid.x = Math.max(0, Math.min(grid.services.length - 1, x));
        grid.y = Math.max(0, Math.min(grid.arns.length - 1, y));
    }
    paint();
    tell();
}
function reveal() {
    const [x, y] = place(grid.x, grid.y), right = map.clientWidth - grid.side, bottom = map.clientHeight - grid.side - 4;
    if (x < grid.left) map.scrollLeft -= grid.left - x;
    else if (x > right) map.scrollLeft += x - right;
    if (y < grid.top) map.scrollTop -= grid.top - y;
    else if (y > bottom) map.scrollTop += y - bottom;
}
map.addEventListener("keydown", e => {
    const step = {ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1], PageDown: [0, 10], PageUp: [0, -10],
        Home: [-1e9, e.ctrlKey ? -1e9 : 0], End: [1e9, e.ctrlKey ? 1e9 : 0]}[e.key];
    if (step) {
        point(grid.x + step[0], grid.y + step[1], true);
        reveal();
        point(grid.x, grid.y, true);
    } else if (e.key === "Enter" || e.key === " ") {
        if (at(grid.x, grid.y) !== undefined) more(at(grid.x, grid.y));
    } else if (e.key === "Escape") point(0, 0, false);
    else return;
    e.preventDefault();
});
map.addEventListener("focus", () => map.matches(":focus-visible") && point(grid.x, grid.y, true));
map.addEventListener("blur", () => point(0, 0, false));
function under(e) {
    const box = map.getBoundingClientRect(), px = e.clientX - box.left, py = e.clientY - box.top;
    const x = Math.floor((px - grid.left + map.scrollLeft) / grid.side), y = Math.floor((py - grid.top + map.scrollTop) / grid.side);
    return px >= grid.left && py >= grid.top && x < grid.services.length && y < grid.arns.length ? [x, y] : null;
}
map.addEventListener("pointermove", e => {
    const p = under(e);
    if (p) point(...p, true);
    else if (grid.on && document.activeElement !== map) point(0, 0, false);
});
map.addEventListener("pointerleave", () => point(0, 0, false));
map.addEventListener("click", e => {
    const p = under(e);
    if (p && at(...p) !== undefined) more(at(...p));
});
map.addEventListener("scroll", () => { paint(); tell(); }, {passive: true});
for (const id of ["order", "size"]) $(id).addEventListener("change", arrange);

/* ---- Together ---- */

function chips(box, set, names, count) {
    names.forEach((name, value) => {
        if (!count[value]) return;
        const b = make("button", "chip", null, make("b", box === $("statuses") ? "dot " + CLASS[value] : "", name || "other"), make("span", "", number(count[value])));
        b.firstChild.style.fontWeight = 500;
        b.type = "button";
        b.setAttribute("aria-pressed", "false");
        b.addEventListener("click", () => {
            if (!set.delete(value)) set.add(value);
            b.setAttribute("aria-pressed", set.has(value));
            update();
        });
        box.append(b);
    });
    box.hidden = box.children.length < 2;
}
function pins() {
    $("pins").replaceChildren();
    for (const kind of ["arn", "service"]) {
        if (wanted[kind] < 0) continue;
        const text = kind === "arn" ? arns[wanted.arn].name : services[wanted.service].namespace, b = make("button", "chip pin", null, make("bdi", "", "only " + text), "✕");
        b.type = "button";
        b.setAttribute("aria-label", "Not only " + shown(text));
        b.addEventListener("click", () => { wanted[kind] = -1; update(); $("search").focus(); });
        $("pins").append(b);
    }
}
function update() {
    const part = $("table-part"), top = part.getBoundingClientRect().top;
    seen = filter();
    order(seen);
    current = 0;
    [...head.cells].forEach((th, i) => {
        if (i === wanted.column) th.setAttribute("aria-sort", wanted.down ? "descending" : "ascending");
        else th.removeAttribute("aria-sort");
    });
    $("count").textContent = (seen.length === N ? several(N, "row") : number(seen.length) + " of " + several(N, "row")) +
        (seen.length > MOST ? "; the first " + number(MOST) + " are in the table, a search finds the others" : "");
    $("none").hidden = seen.length > 0 || !N;
    table.setAttribute("aria-rowcount", Math.min(seen.length, MOST) + 1);
    pins();
    const only = [wanted.words.join(" "), ...[...wanted.statuses].map(s => STATUS[s]), ...[...wanted.types].map(t => TYPE[t]),
        ...[...$("pins").querySelectorAll("bdi")].map(b => b.textContent)].filter(Boolean);
    $("only").textContent = only.length ? "Left out is what is not: " + shown(only.join(", ")) : "";
    arrange();
    if (to >= 0) scrollBy(0, part.getBoundingClientRect().top - Math.max(0, top)); /* the map's height changes, the search stays where it is */
    draw(true);
}
function search() {
    wanted.words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    update();
}
function clear() {
    Object.assign(wanted, {words: [], arn: -1, service: -1});
    wanted.statuses.clear();
    wanted.types.clear();
    $("search").value = "";
    document.querySelectorAll(".chip[aria-pressed]").forEach(b => b.setAttribute("aria-pressed", "false"));
    update();
    $("search").focus();
}
$("search").addEventListener("input", search);
$("clear").addEventListener("click", clear);
document.addEventListener("keydown", e => {
    if (e.key === "/" && !e.target.closest("input, select, dialog") && !e.ctrlKey && !e.metaKey) {
        $("search").focus();
        $("search").select();
        e.preventDefault();
    }
});
function print(on) {
    if (printing === on) return;
    printing = false;
    if (on) {
        const list = seen.slice(0, PRINTED).map((_, i) => line(i));
        if (seen.length > PRINTED) list.push(make("tr", "", null, make("td", "left-out", "These are the first " + number(PRINTED) + " of " + several(seen.length, "row") + ": a search or a filter prints others.")));
        body.replaceChildren(...list);
        body.querySelector(".left-out")?.setAttribute("colspan", columns.length);
    } else draw(true);
    printing = on;
}
addEventListener("beforeprint", () => print(true));
addEventListener("afterprint", () => print(false));
matchMedia("print").addEventListener("change", e => print(e.matches));

const statusCount = [], typeCount = [];
for (const r of rows) {
    statusCount[r.status] = (statusCount[r.status] || 0) + 1;
    if (arns[r.arn].state === 1 && r.status !== YOUNG) statusCount[YOUNG] = (statusCount[YOUNG] || 0) + 1;
    typeCount[arns[r.arn].type] = (typeCount[arns[r.arn].type] || 0) + 1;
}
chips($("statuses"), wanted.statuses, STATUS, statusCount);
chips($("types"), wanted.types, TYPE, typeCount);
$("map-part").hidden = !services.length;
$("table-part").hidden = false;
legend();
update();
print(matchMedia("print").matches);

let asked = 0;
const soon = action => { cancelAnimationFrame(asked); asked = requestAnimationFrame(action); };
addEventListener("scroll", () => { draw(); if (grid.on) tell(); }, {passive: true});
addEventListener("resize", () => soon(() => { draw(true); measure(); }));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { legend(); paint(); });
new ResizeObserver(() => {
    const bar = $("bar"), sticky = getComputedStyle(bar).position === "sticky";
    document.documentElement.style.setProperty("--bar", (sticky ? bar.offsetHeight : 0) + "px");
}).observe($("bar"));
})();
