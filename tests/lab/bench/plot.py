"""The plot of bench.py as SVG: CPU time and memory against the number of pages and against their size."""

WIDTH, HEIGHT, LEFT, TOP = 360, 240, 60, 40
TITLES = {"pages": "100,000 entities at most: number of pages of 1,000", "size": "100 pages: entities of each"}


def bend(points):
    """How far the CPU times are from the straight line through first and last, as a part of the last."""
    (x0, y0), (x1, y1) = [(p["bytes"], p["cpu_ms"]) for p in (points[0], points[-1])]
    return max(abs(p["cpu_ms"] - (y0 + (y1 - y0) * (p["bytes"] - x0) / (x1 - x0))) for p in points) / y1


def nice(top):
    """A round number that is not less."""
    unit = 10 ** (len(str(int(top))) - 1)
    return next(step * unit for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * unit >= top)


def panel(name, points, value, unit, at):
    top, right = nice(max(p[value] for p in points)), max(p["x"] for p in points)
    x0, y0 = LEFT + at[0] * (WIDTH + 2 * LEFT), TOP + at[1] * (HEIGHT + 2 * TOP)
    dots = [(x0 + WIDTH * p["x"] / right, y0 + HEIGHT * (1 - p[value] / top)) for p in points]
    out = [f'<text x="{x0}" y="{y0 - 12}" font-weight="bold">{TITLES[name]}</text>',
           f'<path d="M{x0},{y0} V{y0 + HEIGHT} H{x0 + WIDTH}" fill="none" stroke="#444"/>']
    for part in range(5):
        y = y0 + HEIGHT * (1 - part / 4)
        out += [f'<path d="M{x0},{y} h{WIDTH}" stroke="#ddd"/>',
                f'<text x="{x0 - 6}" y="{y + 4}" text-anchor="end">{top * part / 4:g}</text>']
    out += [f'<text x="{x}" y="{y0 + HEIGHT + 16}" text-anchor="middle">{p["x"]}</text>'
            for p, (x, _) in zip(points, dots) if p["x"] * 8 >= right]
    out.append(f'<text x="{x0 + 6}" y="{y0 + 12}">{unit}</text>')
    out.append('<polyline fill="none" stroke="#06c" stroke-width="2" points="'
               + " ".join(f"{x:.1f},{y:.1f}" for x, y in dots) + '"/>')
    out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#06c"/>' for x, y in dots]
    return out


def write(path, drawn):
    wide, high = 2 * (WIDTH + 2 * LEFT), 2 * (HEIGHT + 2 * TOP)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" font-family="sans-serif" '
           'font-size="12">', f'<rect width="{wide}" height="{high}" fill="white"/>']
    for column, (name, points) in enumerate(drawn.items()):
        out += panel(name, points, "cpu_ms", "CPU, ms", (column, 0))
        out += panel(name, points, "rss_kib", "memory, KiB", (column, 1))
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(out) + "\n</svg>\n")
