#!/usr/bin/python3
"""The page of an audit in a browser: Debian's chromium without a window. What it shows is what it was told, at 1,000
rows and at 50,000; with a keyboard alone; on paper; in the dark; and nothing runs or goes out, whatever the names are."""

import http.server
import json
import os
import re
import threading
import unittest

import browser
import rows
from rows import ACCOUNT, DAY, NEVER, NOW, UNKNOWN, UNUSED, Audit
from test_page import is_unseen, shown

YOUNG, EMPTY = 5, 6
STATUS = ["", "used", "unused", "never", "unknown", "young", "no service"]
HOSTILE = ["</script><script>window.hit = 1</script>", "<img src=x onerror=window.hit=1>", "<!--<script>", "-->", "\" onmouseover=\"window.hit=1",
           "' autofocus onfocus='window.hit=1", "javascript:window.hit=1", "&lt;b&gt;", "\u202egnp.exe", "\u2066abc\u2069", "\u2028", "a\x00b\x1b[31m",
           "${window.hit=1}", "\\\"];window.hit=1;//", "__proto__", "constructor", "</textarea></title></style>", "@{rows}", "日本語", "עברית", "x" * 300]


class Row:
    """A row of the table as it must be."""

    def __init__(self, arn, row=None):
        self.arn, self.row = arn, row
        self.type = (arn["type"] or "").lower()
        self.status = row["status"] if row else UNKNOWN if arn["unknown"] else YOUNG if arn["young"] else EMPTY
        self.namespace, self.name = (row["namespace"], row["name"]) if row else ("", "")
        self.entity, self.region = ((row["entity"] or "", row["region"] or "") if row else ("", ""))
        self.last = row["last"] if row else None
        self.error = " ".join(arn["unknown"]) if arn["unknown"] else ""

    def has(self, word):
        return (any(word in text.lower() for text in (self.arn["arn"], f"{self.namespace} {self.name}", self.entity, self.region)) or
                word in (STATUS[self.status], self.type) or (self.status == UNKNOWN and word in self.error.lower()))


def rows_of(audit):
    return [Row(a, r) for a in audit.arns for r in (a["rows"] or [None])]


def name(arn):
    return short(arn["arn"]) if arn["type"] else arn["arn"]


def short(arn):
    return arn.rsplit("/", 1)[-1] if "/" in arn else arn.rsplit(":", 1)[-1]


KEYS = [lambda r: (name(r.arn).lower(), r.arn["arn"]), lambda r: ["user", "group", "role", "policy"].index(r.type),
        lambda r: r.namespace or None, lambda r: r.status, lambda r: 1e15 if r.status == NEVER else None if r.last is None else -r.last,
        lambda r: r.entity or None]


def in_order(list_, column, down):
    """Python's own sort: rows without the column's value come last in both directions, equal ones as given."""
    key = KEYS[column]
    there = [r for r in list_ if key(r) is not None]
    return sorted(there, key=key, reverse=down) + [r for r in list_ if key(r) is None]


# Of each row in the document: its place, and the texts of its cells
ROWS = """[...document.querySelectorAll('tbody tr.r')].map(tr => [+tr.getAttribute('aria-rowindex') - 2,
    ...[...tr.cells].map(td => [...td.children].map(e => e.textContent))])"""


def cells(row):
    """What ROWS says of a row."""
    a, r = row.arn, row.row
    if r:
        what = [r["namespace"], r["name"]]
    elif row.status == UNKNOWN:
        what = list(a["unknown"])
    elif row.status == YOUNG:
        what = None
    else:
        what = ["No service", "in its report"]
    when = ["", ""]
    if row.last is not None:
        days = row.row["days"]
        when = ["today" if days == 0 else f"{days} day{'s' * (days != 1)} ago", rows.date(row.last)]
    elif row.status == NEVER:
        when = ["never", ""]
    by = [short(row.entity), row.region] if row.entity else ["", ""]
    return [[shown(t) for t in part] if part else None for part in
            ([name(a), a["arn"]], [row.type, "young" if a["young"] else ""], what, [STATUS[row.status]], when, by)]


class InBrowser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.maker = rows.Maker()
        cls.browser = browser.Browser()
        print(cls.browser.version, flush=True)
        cls.audits = {"small": rows.usual(40, 30), "large": rows.usual(400, 180, 2), "plain": rows.usual(30, 25, 3, 0), "hostile": hostile()}
        cls.files = {name: cls.maker.file(name, audit) for name, audit in cls.audits.items()}

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.maker.close()

    def open(self, name, **options):
        page = browser.Page(self.browser, "file://" + self.files[name], **options)
        self.addCleanup(page.close)
        self.audit = self.audits[name]
        page.settle()
        return page

    def quiet(self, page, requests=1):
        page.settle()
        self.assertEqual(page.complaints, [])
        self.assertEqual(len(page.requests), requests, page.requests)

    def shows(self, page, expected):
        """The table has these rows, in this order: count, those at its beginning, those at its end."""
        count, every = page.js("document.getElementById('count').textContent"), rows_of(self.audit)
        self.assertEqual(count, f"{len(every):,} rows" if len(expected) == len(every) else f"{len(expected):,} of {len(every):,} rows")
        self.assertEqual(page.js("document.querySelector('table').getAttribute('aria-rowcount')"), str(len(expected) + 1))
        for to in ("0", "document.body.scrollHeight"):
            page.js(f"scrollTo(0, {to})")
            page.settle()
            there = page.js(ROWS)
            self.assertLess(len(there), 100, "only what can be seen is in the document")
            self.assertTrue(there or not expected)
            for place, *found in there:
                wanted = cells(expected[place])
                self.assertEqual([f for f, w in zip(found, wanted) if w], [w for w in wanted if w], f"row {place}")
            if expected:
                height, row = page.js("[document.querySelector('tbody'), document.querySelector('tr.r')].map(e => e.getBoundingClientRect().height)")
                self.assertAlmostEqual(height, row * len(expected), delta=1, msg="rows that are not in the document take their room")
                self.assertIn(len(expected) - 1 if to != "0" else 0, [place for place, *_ in there])
        page.js("scrollTo(0, 0)")
        page.settle()

    def search(self, page, text):
        page.js(f"(s => {{ s.value = {json.dumps(text)}; s.dispatchEvent(new Event('input')); }})(document.getElementById('search'))")
        page.settle()

    def test_what_it_shows(self):
        for name in ("small", "large", "plain"):
            with self.subTest(name):
                page = self.open(name)
                self.assertEqual(page.js("scrollY"), 0, "it opens at its beginning")
                self.shows(page, rows_of(self.audit))
                totals = [f"{n:,}" for n in self.audit.totals()[:9]]
                found = page.js("""Object.fromEntries([...document.querySelectorAll('#totals dl div')].map(d => [d.className,
                    d.querySelector('dd').firstChild.textContent]))""")
                for key, n in zip(("arns", "read", "gone", "failed", "young", "all", "used", "unused", "never"), totals):
                    if key in found or name != "plain":
                        self.assertEqual(found[key], n, key)
                self.quiet(page)

    def test_search(self):
        for name in ("small", "large"):
            page = self.open(name)
            every = rows_of(self.audit)
            for text in ("s3", "S3 eu-west", "admin never", "policy used", "nosuchentity", "cannot be found", "metrics-4", f"{ACCOUNT}:user",
                         "ws data", "nothing at all"):
                self.search(page, text)
                self.shows(page, [r for r in every if all(r.has(word) for word in text.lower().split())])
            self.assertFalse(page.js("document.getElementById('none').hidden"))
            page.js("document.getElementById('clear').click()")
            self.shows(page, every)
            self.quiet(page)

    def test_order(self):
        for name in ("small", "large"):
            page = self.open(name)
            every = rows_of(self.audit)
            for column in range(6):
                for way in ("ascending", "descending", None):
                    page.js(f"document.querySelectorAll('thead button')[{column}].click()")
                    page.settle()
                    self.assertEqual(page.js("[...document.querySelectorAll('th')].map(th => th.getAttribute('aria-sort'))"),
                                     [way if i == column else None for i in range(6)])
                    self.shows(page, in_order(every, column, way == "descending") if way else every)
            self.quiet(page)

    def chip(self, page, word):
        page.js(f"[...document.querySelectorAll('.chip')].find(b => b.firstChild.textContent === {json.dumps(word)}).click()")
        page.settle()

    def test_filter(self):
        page = self.open("large")
        every = rows_of(self.audit)
        for words in (["unused"], ["unused", "never"], ["never", "role"], ["user", "policy"], ["unknown"], ["young"]):
            for word in words:
                self.chip(page, word)
            kinds, statuses = [w for w in words if w not in STATUS], [w for w in words if w in STATUS]
            self.shows(page, [r for r in every if (not kinds or r.type in kinds) and (
                not statuses or STATUS[r.status] in statuses or ("young" in statuses and r.arn["young"]))])
            for word in words:
                self.chip(page, word)
        self.shows(page, every)
        self.quiet(page)

    def test_keyboard_alone(self):
        """From the page's beginning, by Tab: everything is reached, in order, and the focus can be seen."""
        page = self.open("small")
        seen, outlines = [], []
        for _ in range(40):
            page.press("Tab")
            where = page.js("""(e => e && e !== document.body ? [e.id || e.textContent.replace(/[0-9,]+$/, '').slice(0, 30), getComputedStyle(e).outlineStyle,
                e.getBoundingClientRect().top < innerHeight && e.getBoundingClientRect().bottom > 0] : null)(document.activeElement)""")
            if not where:
                break
            seen.append(where[0])
            outlines.append(where[1:])
        self.assertEqual(seen[:14], ["Skip to the rows", "Skip to the map", "order", "size", "map", "search", "used", "unused", "never", "unknown", "young",
                                     "user", "group", "role"])
        self.assertEqual(seen[15:21], ["ARN", "Type", "Service", "Status", "Last access", "By"])
        self.assertEqual(len(seen), 22, "one stop for all rows")
        self.assertEqual({tuple(o) for o in outlines}, {("solid", True)})

        focus = "document.activeElement.getAttribute('aria-rowindex') - 2"
        every = rows_of(self.audit)
        page.press("Tab", shift=True)
        page.js("document.querySelector('tbody tr[tabindex=\"0\"]').focus()")
        start = page.js(focus)
        for key, place in (("ArrowDown", start + 1), ("End", len(every) - 1), ("ArrowDown", len(every) - 1), ("ArrowUp", len(every) - 2), ("Home", 0)):
            page.press(key)
            self.assertEqual(page.js(focus), place, key)
            box = page.js("(b => [b.top, b.bottom, innerHeight, document.querySelector('thead').getBoundingClientRect().bottom])"
                          "(document.activeElement.getBoundingClientRect())")
            self.assertTrue(box[3] - 1 <= box[0] and box[1] <= box[2] + 1, f"{key}: the row is under something: {box}")
            self.assertEqual(page.js("""[document.activeElement, document.querySelector('th button')].map(e => {
                const b = e.getBoundingClientRect();
                return e.contains(document.elementFromPoint(b.left + 20, b.top + b.height / 2));
            })"""), [True, True], f"{key}: row and header can be seen")
        page.press("PageDown")
        self.assertGreater(page.js(focus), 3)
        place = page.js(focus)
        page.press("Enter")
        self.assertTrue(page.js("document.getElementById('more').open"))
        self.assertIn(every[place].arn["arn"], page.js("document.getElementById('more').textContent"))
        page.press("Escape")
        self.assertFalse(page.js("document.getElementById('more').open"))
        self.assertEqual(page.js(focus), place)
        page.press("/")
        self.assertEqual(page.js("document.activeElement.id"), "search")
        where = "[scrollY > 0, document.getElementById('search').getBoundingClientRect().top]"
        before = page.js(where)
        page.type("s3")
        self.assertEqual(page.js(where), before, "the search does not jump though the map is smaller")
        self.shows(page, [r for r in every if r.has("s3")])
        self.quiet(page)

        page = self.open("small")
        page.press("Tab")
        page.press("Enter")
        self.assertTrue(page.js("Math.abs(document.getElementById('table').getBoundingClientRect().top) < innerHeight / 2"))
        page.press("Tab")
        self.assertEqual(page.js("document.activeElement.textContent"), "ARN")
        page.press("Enter")
        self.shows(page, in_order(every, 0, False))

    def test_only_this(self):
        page = self.open("small")
        every = rows_of(self.audit)
        row = next(r for r in every if r.row)
        for word, same in (("Only this ARN", lambda r: r.arn is row.arn), ("Only this service", lambda r: r.namespace == row.namespace)):
            place = every.index(row)
            page.js("scrollTo(0, document.getElementById('table').offsetTop)")
            page.settle()
            page.js(f"document.querySelector('tbody tr[aria-rowindex=\"{place + 2}\"]').click()")
            page.js(f"[...document.querySelectorAll('dialog button')].find(b => b.textContent === '{word}').click()")
            page.settle()
            self.shows(page, [r for r in every if same(r)])
            page.js("document.querySelector('.pin').click()")
            page.settle()
            self.shows(page, every)
        self.quiet(page)

    def swatches(self, page):
        """Colours of the legend by their text."""
        return dict(page.js("""[...document.querySelectorAll('#legend li')].map(li => [li.textContent,
            getComputedStyle(li.firstChild).backgroundColor])"""))

    def bucket(self, row, threshold):
        """The legend's text for a row, from its days alone."""
        if row.status == NEVER:
            return "never"
        edges = [0, 1, 7, 30, 90, 180, 365]
        edges = [threshold, *(e for e in edges if e > threshold)] if row.status == UNUSED else [e for e in edges if e < (threshold or 365) and e < 365]
        low = max(e for e in edges if e <= row.row["days"])
        if low == edges[-1]:
            return f"{low} days or more" if row.status == UNUSED or not threshold else f"{low}–{threshold - 1} days"
        high = edges[edges.index(low) + 1] - 1
        return "today" if high == 0 else f"{low}–{high} days"

    def test_map(self):
        """Each square that the arrow keys reach: its colour is the legend's for the row's days, and what is said is the row's."""
        for name, dark, size in (("small", False, "fit"), ("small", True, "14"), ("plain", False, "22"), ("large", False, "fit")):
            with self.subTest(name=name, dark=dark):
                page = self.open(name, dark=dark)
                every = rows_of(self.audit)
                page.js(f"(s => {{ s.value = '{size}'; s.dispatchEvent(new Event('change')); }})(document.getElementById('size'))")
                page.js("document.getElementById('map').focus()")
                swatches, colors = self.swatches(page), set()
                page.press("Home", ctrl=True)
                steps = ["ArrowRight"] * 9 + ["ArrowDown"] + ["ArrowLeft"] * 9 + ["ArrowDown"]
                last = None
                for i in range(100):
                    page.press(steps[i % len(steps)])
                    at, x, y, tip = page.js("(m => [m.row, +m.x, +m.y, document.getElementById('tip').textContent])(document.getElementById('map').dataset)")
                    self.assertNotEqual((x, y, tip), last)
                    last = (x, y, tip)
                    if at == "":
                        self.assertRegex(tip, "not in its report|not read")
                        continue
                    row = every[int(at)]
                    self.assertTrue(tip.startswith(f"{short(row.arn['arn'])}{row.namespace}: "), tip)
                    days = row.row["days"] if row.row else None
                    if days:
                        self.assertIn(f" {days} day{'s' * (days != 1)} ago, {rows.date(row.last)}", tip)
                    pixel = page.js(f"""(c => [...c.getContext('2d').getImageData({x} * c.width / c.clientWidth, {y} * c.height / c.clientHeight, 1, 1).data]
                        .slice(0, 3))(document.querySelector('canvas'))""")
                    text = self.bucket(row, self.audit.days)
                    self.assertEqual(f"rgb({', '.join(map(str, pixel))})", swatches[text], f"{tip}: {text}")
                    colors.add(text)
                self.assertGreater(len(colors), 4)
                page.press("Enter")
                self.assertEqual(page.js("document.getElementById('more').open"), at != "")
                page.complaints = [c for c in page.complaints if "getImageData" not in c]  # of this test
                self.quiet(page)

    def test_colors(self):
        """Text can be read, and squares told apart, in both looks, by people who see red and green, or blue, less well."""
        for dark in (False, True):
            page = self.open("small", dark=dark)
            style = {n: page.js(f"getComputedStyle(document.documentElement).getPropertyValue('--{n}')").strip() for n in ("page", "card", "ink", "soft")}
            for text in ("ink", "soft"):
                for ground in ("page", "card"):
                    self.assertGreater(contrast(color(style[text]), color(style[ground])), 4.5, f"{text} on {ground}")
            self.assertEqual(luminance(color(style["page"])) < .1, dark)
            shades = {text: color(c) for text, c in self.swatches(page).items() if text != "not in the report"}
            shades["nothing"] = color(style["card"])
            for eye, matrix in EYES.items():
                for a in shades:
                    for b in shades:
                        if a < b:
                            self.assertGreater(apart(see(matrix, shades[a]), see(matrix, shades[b])), 7, f"{eye}: {a}, {b}, dark: {dark}")

    def test_hostile_names(self):
        page = self.open("hostile")
        self.shows(page, rows_of(self.audit))
        for i in range(len(rows_of(self.audit))):
            page.js(f"(tr => tr && tr.click())(document.querySelector('tbody tr[aria-rowindex=\"{i + 2}\"]'))")
            page.js("document.getElementById('more').close()")
        page.js("document.getElementById('map').focus()")
        for _ in range(3):
            page.press("ArrowRight", 6)
            page.press("ArrowDown")
        for text in HOSTILE:
            self.search(page, text.split()[0] if text.split() else "")
        page.js("document.getElementById('clear').click()")
        self.assertIn(shown(self.audit.account), page.js("document.title + document.querySelector('h1').textContent"))
        self.assertEqual(page.js("document.querySelector('code').textContent"), shown(self.audit.command))
        self.assertEqual(page.js("typeof window.hit"), "undefined")
        self.assertEqual(page.js("document.querySelectorAll('script, img, iframe, object, embed, link, base, form, a:not(.skip)').length"), 1)
        self.assertEqual(page.js("[...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => /^on/.test(a.name))).length"), 0)
        self.quiet(page)

    def test_what_is_unseen_is_named(self):
        """By the page's own expression, for every character."""
        with open(os.path.join(rows.ROOT, "platform", "host", "audit", "page", "page.js"), encoding="utf-8") as f:
            unseen = re.search(r"^const UNSEEN = (/.*/gu);$", f.read(), re.M)[1]
        found = self.open("hostile").js(f"""(() => {{
            const unseen = {unseen}, found = [];
            for (let c = 0; c < 0x110000; c++)
                if ((c < 0xD800 || c > 0xDFFF) && String.fromCodePoint(c).replace(unseen, "") === "") found.push(c);
            return found;
        }})()""")
        self.assertEqual(found, [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF and is_unseen(c)])

    def test_nothing_else_can_run(self):
        """What an escape that failed would do, done on purpose: the policy stops it."""
        asked = []

        class Counter(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                with open(self.server.file, "rb") as f:
                    data = f.read()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counter)
        server.file = self.files["small"]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        page = browser.Page(self.browser, f"http://127.0.0.1:{server.server_port}/page")
        self.addCleanup(page.close)
        page.settle()
        self.assertEqual(page.complaints, [])
        page.js("""(() => {
            const add = (tag, what) => document.body.append(Object.assign(document.createElement(tag), what));
            add('script', {textContent: 'window.hit = 1'});
            add('script', {src: '/script'});
            add('img', {src: '/image'});
            add('iframe', {src: '/frame'});
            add('link', {rel: 'stylesheet', href: '/style'});
            add('button', {id: 'inline'}).setAttribute;
            document.getElementById('inline').setAttribute('onclick', 'window.hit = 2');
            document.getElementById('inline').click();
        })()""".replace(".setAttribute;", ";"))
        self.assertEqual(page.js("fetch('/fetch').then(() => 'sent', () => 'stopped')"), "stopped")
        page.settle()
        self.assertEqual(page.js("typeof window.hit"), "undefined")
        self.assertEqual([path for path in asked if path != "/favicon.ico"], ["/page"])
        self.assertGreater(len(page.complaints), 4)

    def test_paper(self):
        page = self.open("small", media="print")
        page.settle()
        self.assertEqual([found[1:] for found in page.js(ROWS)][0][0][1], self.audit.arns[0]["arn"])
        self.assertEqual(len(page.js(ROWS)), len(rows_of(self.audit)))
        self.assertEqual(page.js("['map-part', 'search', 'totals', 'table-part'].map(id => document.getElementById(id).getClientRects().length > 0)"),
                         [False, False, True, True])
        page.look()
        page.settle()
        self.assertLess(len(page.js(ROWS)), 100)
        self.chip(page, "unused")
        page.look(media="print")
        self.assertEqual(page.js("document.getElementById('only').innerText"), "Left out is what is not: unused")
        page.look()
        sheets = len(re.findall(rb"/Type ?/Page\b", page.pdf()))
        self.assertGreaterEqual(sheets, 1)
        self.chip(page, "unused")
        self.assertGreater(len(re.findall(rb"/Type ?/Page\b", page.pdf())), max(5, sheets), "every row is printed")
        self.assertLess(len(page.js(ROWS)), 100)
        self.quiet(page)
        page = self.open("large", media="print")
        self.assertEqual(len(page.js(ROWS)), 3000)
        self.assertIn("the first 3,000 of ", page.js("document.querySelector('.left-out').textContent"))

    def test_telephone(self):
        for dark in (False, True):
            page = self.open("large", width=390, height=844, touch=True, dark=dark)
            self.shows(page, rows_of(self.audit))
            self.assertLessEqual(page.js("document.documentElement.scrollWidth"), 390)
            self.quiet(page)

    def test_without_script(self):
        target = self.browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.addCleanup(lambda: self.browser.call("Target.closeTarget", targetId=target))
        page = self.open("small")
        page.call("Emulation.setScriptExecutionDisabled", value=True)
        page.loaded = False
        page.call("Page.reload")
        while not page.loaded:
            self.browser.events.append(self.browser.read())
            page.listen()
        document = page.call("DOM.getDocument", depth=-1)["root"]
        text = json.dumps(document)
        self.assertIn("are in this file and need JavaScript", text)
        node = page.call("DOM.querySelector", nodeId=document["nodeId"], selector="#totals")["nodeId"]
        self.assertGreater(page.call("DOM.getBoxModel", nodeId=node)["model"]["height"], 100)
        for hidden in ("#cut", "#table-part"):
            node = page.call("DOM.querySelector", nodeId=document["nodeId"], selector=hidden)["nodeId"]
            with self.assertRaises(RuntimeError, msg=hidden):
                page.call("DOM.getBoxModel", nodeId=node)

    def test_an_audit_that_did_not_end(self):
        path = self.files["small"] + ".cut.html"
        with open(self.files["small"], "rb") as f:
            data = f.read()
        with open(path, "wb") as f:
            f.write(data[:data.index(b"</script>") - 500])
        page = browser.Page(self.browser, "file://" + path)
        self.addCleanup(page.close)
        self.assertIn("The end of this file is not here", page.js("document.getElementById('cut').innerText || document.getElementById('cut').textContent"))
        self.assertGreater(page.js("document.getElementById('cut').offsetHeight"), 10)
        self.assertIsNone(page.js("document.getElementById('totals')"))


def hostile():
    audit = Audit(account=HOSTILE[0] + HOSTILE[8], command="tinyiam audit --arn '" + " ".join(HOSTILE).replace("\0", "") + "'")
    for i, text in enumerate(HOSTILE):
        audit.arn(f"arn:aws:iam::{ACCOUNT}:role/{text.replace('/', '|')}", "ROLE", NOW - 500 * DAY,
                  (text, HOSTILE[i - 1] + text) if i % 5 == 4 else None)
        for j in range(0 if i % 5 == 4 else 3):
            other = HOSTILE[(i * 3 + j) % len(HOSTILE)]
            audit.row(other, text, NOW - i * 20 * DAY, other.replace("/", "|"), text)
    for text in ("nonsense", "a/b/c", "</script>", "arn:aws:s3:::bucket"):
        audit.arn(text, None, None, ("ValidationError", "not the ARN of " + text))
    return audit


# ---- colours ----

# What is left of colours to eyes without one kind of cones, in linear RGB (Machado, Oliveira and Fernandes 2009, severity 1)
EYES = {"all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
        "no L cones": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
        "no M cones": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
        "no S cones": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900))}


def color(text):
    """Linear RGB of #rgb, #rrggbb or rgb(r, g, b)."""
    if text.startswith("#"):
        digits = text[1:] if len(text) == 7 else "".join(c * 2 for c in text[1:])
        values = [int(digits[i:i + 2], 16) for i in (0, 2, 4)]
    else:
        values = list(map(int, re.findall(r"\d+", text)[:3]))
    return [v / 255 / 12.92 if v / 255 <= .04045 else ((v / 255 + .055) / 1.055) ** 2.4 for v in values]


def luminance(c):
    return .2126 * c[0] + .7152 * c[1] + .0722 * c[2]


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + .05) / (low + .05)


def see(matrix, c):
    return [min(1, max(0, sum(m * v for m, v in zip(row, c)))) for row in matrix]


def lab(c):
    xyz = [sum(m * v for m, v in zip(row, c)) for row in ((.4124 / .9505, .3576 / .9505, .1805 / .9505), (.2126, .7152, .0722),
                                                         (.0193 / 1.089, .1192 / 1.089, .9505 / 1.089))]
    f = [v ** (1 / 3) if v > .008856 else 7.787 * v + 16 / 116 for v in xyz]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def apart(a, b):
    """CIE 1976: 2.3 is just seen."""
    return sum((x - y) ** 2 for x, y in zip(lab(a), lab(b))) ** .5


if __name__ == "__main__":
    if not browser.find():
        print("cannot run: no chromium (Debian: apt-get install chromium; or name one by CHROMIUM)")
        raise SystemExit(77)
    unittest.main()
