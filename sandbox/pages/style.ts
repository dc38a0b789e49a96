/**
 * The look of the sandbox's own pages (the stand-in checkout and its like), as one style sheet without any
 * outside font or picture, so that it can stand in a `<style nonce>` under a strict content security policy.
 *
 * Classes, for whoever writes such a page:
 * - `main.page` holds everything; `.page.wide` for two columns, which become one on a phone
 * - `.card` a raised panel, `.ribbon` the strip that says this is a sandbox, `.brand` the seller's name
 * - `.amount` the price in large, `.muted` secondary words, `dl.lines` label and figure, `dl.lines .total` its sum
 * - `label.field` a labelled input (`.hint` below it, `.half` for two beside each other inside `.pair`)
 * - `.button` with `.primary`, `.danger` or `.quiet`; `.stack` puts buttons below each other
 * - `.notice` with `.success`, `.warning` or `.danger`: one sentence that matters
 */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --ground: #f5f6f8; --surface: #ffffff; --raised: #ffffff; --line: #dcdfe6; --line-strong: #878d9b;
  --ink: #171a21; --muted: #5a6070; --accent: #3d4fd6; --accent-ink: #ffffff; --accent-soft: #eceefd;
  --success: #17693b; --success-soft: #e5f5ec; --warning: #7d4e00; --warning-soft: #fdf3dd;
  --danger: #b3261e; --danger-soft: #fdeceb; --danger-ink: #ffffff;
  --shadow: 0 1px 2px rgb(20 24 40 / 6%), 0 8px 28px rgb(20 24 40 / 7%);
  --radius: 14px;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101218; --surface: #181b23; --raised: #1f232d; --line: #2e3340; --line-strong: #767d8d;
    --ink: #eceef3; --muted: #a3a9b8; --accent: #97a4ff; --accent-ink: #10132a; --accent-soft: #242a4d;
    --success: #7cd6a0; --success-soft: #15301f; --warning: #f0c06a; --warning-soft: #33270e;
    --danger: #ff9d95; --danger-soft: #3b1a18; --danger-ink: #2c0705;
    --shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 8px 28px rgb(0 0 0 / 30%);
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100dvh; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", sans-serif;
  -webkit-text-size-adjust: 100%;
}
h1, h2, p, dl, dd { margin: 0; }
h1 { font-size: 1.3rem; line-height: 1.3; letter-spacing: -.01em; }
h2 { font-size: 1rem; line-height: 1.4; }
a { color: var(--accent); text-underline-offset: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.page { max-width: 460px; margin: 0 auto; padding: 32px 16px 48px; display: grid; gap: 20px; align-content: start; }
.page.wide { max-width: 900px; grid-template-columns: 1fr 1fr; gap: 24px 40px; }
.page.wide > .ribbon { grid-column: 1 / -1; }
.card {
  background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); box-shadow: var(--shadow);
  padding: 24px; display: grid; gap: 16px; align-content: start;
}
.ribbon {
  background: var(--warning-soft); color: var(--warning); border-radius: 999px; padding: 6px 14px;
  font-size: .85rem; font-weight: 600; text-align: center;
}
.brand { font-weight: 650; color: var(--muted); }
.amount { font-size: 2.2rem; font-weight: 700; line-height: 1.15; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.amount small { font-size: .95rem; font-weight: 500; color: var(--muted); letter-spacing: 0; }
.muted { color: var(--muted); font-size: .92rem; }
dl.lines { display: grid; grid-template-columns: 1fr auto; gap: 10px 16px; }
dl.lines dd { text-align: right; font-variant-numeric: tabular-nums; }
dl.lines .total { font-weight: 650; border-top: 1px solid var(--line); padding-top: 10px; }
form { display: grid; gap: 16px; margin: 0; }
label.field { display: grid; gap: 6px; font-size: .92rem; font-weight: 550; }
label.field .hint { font-weight: 400; color: var(--muted); font-size: .85rem; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; }
input, select {
  font: inherit; font-weight: 400; color: inherit; background: var(--raised); border: 1px solid var(--line-strong);
  border-radius: 10px; padding: 10px 12px; width: 100%; min-width: 0; min-height: 46px;
}
input[aria-invalid="true"] { border-color: var(--danger); }
.button {
  display: inline-flex; align-items: center; justify-content: center; gap: 8px; font: inherit; font-weight: 600;
  text-decoration: none; min-height: 46px; padding: 10px 18px; border-radius: 10px; border: 1px solid var(--line-strong);
  background: var(--surface); color: var(--ink); cursor: pointer;
}
.button.primary { background: var(--accent); border-color: var(--accent); color: var(--accent-ink); }
.button.danger { background: var(--danger); border-color: var(--danger); color: var(--danger-ink); }
.button.quiet { background: transparent; border-color: transparent; color: var(--muted); }
.button:hover { filter: brightness(.96); }
.button:disabled { opacity: .6; cursor: default; }
.stack { display: grid; gap: 8px; }
.notice { border-radius: 10px; padding: 12px 14px; background: var(--accent-soft); overflow-wrap: anywhere; }
.notice.success { background: var(--success-soft); color: var(--success); }
.notice.warning { background: var(--warning-soft); color: var(--warning); }
.notice.danger { background: var(--danger-soft); color: var(--danger); }
@media (max-width: 720px) { .page.wide { grid-template-columns: 1fr; } .card { padding: 20px 16px; } }
@media (prefers-reduced-motion: no-preference) { .button { transition: filter .12s ease; } }
`
