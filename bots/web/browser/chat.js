// The web chat's page. The server draws every message; this sends what the person does, puts in what arrives, and keeps
// keyboard, screen reader and scroll position where they belong. Plain browser JavaScript, inlined under a nonce.

/** A connection that was silent for three heartbeats is dead, whatever the browser thinks. */
const SILENCE_MS = 50_000
const RETRY_MS = [500, 1000, 2000, 4000, 8000, 15_000]
/** A person who waited that long without an answer is better served by a page that does not pretend. */
const TYPING_MS = 25_000
const TOAST_MS = 6000
const NEAR_BOTTOM_PX = 120

const page = JSON.parse(document.getElementById('page').textContent)
const { words, commands, query } = page
const byId = (id) => document.getElementById(id)
const log = byId('log')
const scroll = byId('scroll')
const box = byId('box')
const menu = byId('menu')
const typing = byId('typing')
const news = byId('news')
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)')

// --- scrolling and unread

let unread = 0
const nearBottom = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_BOTTOM_PX

function toBottom(smooth) {
  scroll.scrollTo({ top: scroll.scrollHeight, behavior: smooth && !reducedMotion.matches ? 'smooth' : 'instant' })
  news.hidden = true
}

function arrived() {
  if (!document.hidden) return
  unread += 1
  document.title = `(${unread}) ${page.title}`
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) return
  unread = 0
  document.title = page.title
  if (stream?.readyState === EventSource.CLOSED) connect()
})
scroll.addEventListener('scroll', () => {
  if (nearBottom()) news.hidden = true
})
news.addEventListener('click', () => {
  toBottom(true)
  box.focus()
})
new ResizeObserver(() => {
  if (stuck) toBottom(false)
}).observe(log)
/** Whether the reader was at the bottom before the last change: pictures that load later must not push it away. */
let stuck = true
scroll.addEventListener('scroll', () => {
  stuck = nearBottom()
})

// --- what arrives

let position = page.after

/** Puts a drawn message in its place: instead of its older self or of its waiting bubble, else in the order of ids. */
function put(html, revision) {
  position = Math.max(position, revision)
  const template = document.createElement('template')
  template.innerHTML = html
  const fresh = template.content.firstElementChild
  const old = byId(fresh.id) ?? (fresh.dataset.client && log.querySelector(`[data-client="${fresh.dataset.client}"].pending`))
  if (old && Number(old.dataset.revision ?? 0) >= revision) return
  const follow = nearBottom()
  if (old) {
    replace(old, fresh)
  } else {
    const rows = [...log.querySelectorAll('[data-id]')]
    const first = rows[0]
    // An edit of a message further up than this page shows: it is drawn right when it is asked for.
    if (first && page.hasEarlier && Number(fresh.dataset.id) < Number(first.dataset.id)) return
    const before = rows.find((row) => Number(row.dataset.id) > Number(fresh.dataset.id)) ?? log.querySelector('.pending')
    fresh.classList.add('fresh')
    log.insertBefore(fresh, before ?? null)
  }
  localTimes(fresh)
  byId('welcome')?.remove()
  if (fresh.classList.contains('service')) {
    endTyping()
    arrived()
  }
  if (follow || fresh.classList.contains('own')) toBottom(true)
  else news.hidden = false
}

/** An edit in place: what was typed into it stays, the focus stays in it, and a reader hears one line instead of all. */
function replace(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null
  for (const field of old.querySelectorAll('input')) {
    const twin = fresh.querySelector(`input[name="${CSS.escape(field.name)}"]`)
    if (twin && field.value) twin.value = field.value
  }
  if (fresh.classList.contains('service')) fresh.setAttribute('aria-live', 'off')
  old.replaceWith(fresh)
  if (fresh.dataset.summary) byId('status').textContent = fresh.dataset.summary
  if (!focused) return
  const controls = [...fresh.querySelectorAll('button, a, input')]
  const same = focused.id ? controls.find((control) => control.id === focused.id) : undefined
  ;(same ?? controls.find((control) => control.matches('.button, .option, input')) ?? box).focus({ preventScroll: true })
}

/** The reader's own time of day; of several messages in one minute only the last shows it. */
function localTimes(within) {
  for (const time of within.querySelectorAll('time')) {
    const at = new Date(time.dateTime)
    const today = at.toDateString() === new Date().toDateString()
    time.textContent = at.toLocaleString([], {
      hour: '2-digit',
      minute: '2-digit',
      ...(today ? {} : { month: 'short', day: 'numeric' }),
    })
    time.title = at.toLocaleString()
  }
  const times = [...log.querySelectorAll('time')]
  for (const [index, time] of times.entries()) time.hidden = times[index + 1]?.textContent === time.textContent
}

function acknowledged({ clientId, note }) {
  for (const control of document.querySelectorAll('.busy')) {
    if (control.dataset.sent === clientId) settle(control)
  }
  endTyping()
  if (note) toast(note)
}

function toast(text) {
  const note = document.createElement('p')
  note.className = 'toast'
  note.dir = 'auto'
  note.textContent = text
  byId('toasts').append(note)
  setTimeout(() => note.remove(), TOAST_MS)
}

let typingTimer
function startTyping() {
  clearTimeout(typingTimer)
  typing.hidden = false
  typingTimer = setTimeout(endTyping, TYPING_MS)
  toBottom(true)
}
function endTyping() {
  clearTimeout(typingTimer)
  typing.hidden = true
}

// --- the connection

let stream
let failures = 0
let lastHeard = performance.now()

function connection(on) {
  const state = byId('connection')
  const text = on ? words.connected : words.reconnecting
  state.className = `connection ${on ? 'on' : 'off'}`
  if (state.textContent !== text) state.textContent = text
}

function connect() {
  stream?.close()
  const address = new URL('/chat/events', location.href)
  address.search = query
  address.searchParams.set('after', position)
  lastHeard = performance.now()
  stream = new EventSource(address)
  stream.addEventListener('open', () => {
    failures = 0
    lastHeard = performance.now()
    connection(true)
    flush()
  })
  stream.addEventListener('message', (event) => {
    lastHeard = performance.now()
    const { html } = JSON.parse(event.data)
    put(html, Number(event.lastEventId))
  })
  stream.addEventListener('acknowledged', (event) => acknowledged(JSON.parse(event.data)))
  stream.addEventListener('ping', () => {
    lastHeard = performance.now()
  })
  stream.addEventListener('error', () => {
    connection(false)
    // The browser gives up by itself when the server answers with an error; then the next attempt is ours.
    if (stream.readyState === EventSource.CLOSED) setTimeout(connect, retryDelay())
  })
}

function retryDelay() {
  failures += 1
  return RETRY_MS[Math.min(failures - 1, RETRY_MS.length - 1)]
}

setInterval(() => {
  if (performance.now() - lastHeard > SILENCE_MS) connect()
}, 10_000)
window.addEventListener('online', () => {
  connect()
  flush()
})
window.addEventListener('offline', () => connection(false))

// --- what the person does: one at a time, in order, each repeated with the same clientId until the server has it

const UNSENT = `unsent${query}`
const queue = JSON.parse(sessionStorage.getItem(UNSENT) ?? '[]')
let sending = false
let sendTimer

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function send(post) {
  queue.push(post)
  keep()
  flush()
}

/** Only words survive a reload: a press belongs to the screen it was made on, a form may hold a secret. */
function keep() {
  sessionStorage.setItem(UNSENT, JSON.stringify(queue.filter((post) => post.kind === 'text')))
}

async function flush() {
  clearTimeout(sendTimer)
  if (sending || queue.length === 0) return
  sending = true
  const [post] = queue
  const outcome = await attempt(post)
  sending = false
  if (outcome.again) {
    for (const waiting of queue) mark(waiting, words.unsent)
    endTyping()
    sendTimer = setTimeout(flush, retryDelay())
    return
  }
  queue.shift()
  keep()
  if (outcome.refused) refused(post, outcome.refused)
  else mark(post, '')
  flush()
}

async function attempt(post) {
  try {
    const answer = await fetch(`/chat/messages${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(post),
    })
    if (answer.ok) {
      failures = 0
      return {}
    }
    if (answer.status >= 500 || answer.status === 429) return { again: true }
    const body = await answer.json()
    return { refused: body.error.message }
  } catch {
    return { again: true } // no connection, or one that broke: the id makes a second delivery harmless
  }
}

const bubbleOf = (post) => log.querySelector(`.pending[data-client="${post.clientId}"]`)

function mark(post, text) {
  const state = bubbleOf(post)?.querySelector('.state')
  if (state) state.textContent = text
}

function refused(post, reason) {
  endTyping()
  const text = words.notSent.replace('{reason}', reason)
  for (const control of document.querySelectorAll('.busy')) if (control.dataset.sent === post.clientId) settle(control)
  const state = bubbleOf(post)?.querySelector('.state')
  if (!state) return toast(text)
  state.textContent = text
  state.classList.add('danger')
  if (!box.value) box.value = post.text
}

/** The person's own bubble at once; the server's drawing takes its place. */
function drawPending(post) {
  byId('welcome')?.remove()
  const bubble = byId('pending').content.firstElementChild.cloneNode(true)
  bubble.dataset.client = post.clientId
  bubble.querySelector('.text').textContent = post.text
  log.append(bubble)
}

function say(text) {
  const trimmed = text.trim()
  if (!trimmed) return
  const post = { kind: 'text', clientId: newId(), text: trimmed }
  drawPending(post)
  startTyping()
  send(post)
}

function press(control, post) {
  if (control.getAttribute('aria-disabled') === 'true') return
  const clientId = newId()
  for (const other of control.closest('.bubble').querySelectorAll('[data-token].button, .option, .form .button')) {
    other.setAttribute('aria-disabled', 'true')
  }
  control.classList.add('busy')
  control.dataset.sent = clientId
  startTyping()
  send({ ...post, clientId })
}

function settle(control) {
  control.classList.remove('busy')
  for (const other of control.closest('.bubble')?.querySelectorAll('[aria-disabled]') ?? [])
    other.removeAttribute('aria-disabled')
}

document.addEventListener('click', (event) => {
  const control = event.target.closest('[data-token]:not(form), [data-say]')
  if (!control) return
  if (control.dataset.say) {
    say(control.dataset.say)
    box.focus()
  } else {
    press(control, { kind: 'press', token: control.dataset.token, messageId: control.closest('[data-id]').dataset.id })
  }
})

document.addEventListener('submit', (event) => {
  const form = event.target
  event.preventDefault()
  if (form.id === 'writing') return submitBox()
  if (form.id === 'name') return void rename(form)
  const values = Object.fromEntries(new FormData(form))
  const messageId = form.closest('[data-id]').dataset.id
  press(form.querySelector('[type="submit"]'), { kind: 'form', token: form.dataset.token, messageId, values })
})

async function rename(form) {
  const answer = await fetch(`/chat/name${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: form.elements.name.value }),
  })
  const body = await answer.json()
  if (!answer.ok) return toast(body.error.message)
  byId('my-name').textContent = body.name
  form.closest('details').open = false
  box.focus()
}

byId('earlier')?.addEventListener('click', async (event) => {
  const button = event.currentTarget
  const first = log.querySelector('[data-id]')
  const address = new URL('/chat/earlier', location.href)
  address.search = query
  address.searchParams.set('before', first.dataset.id)
  const answer = await fetch(address)
  if (!answer.ok) return toast(words.reconnecting)
  const { html, hasEarlier } = await answer.json()
  const height = scroll.scrollHeight
  const template = document.createElement('template')
  template.innerHTML = html
  log.prepend(template.content)
  localTimes(log)
  scroll.scrollTop += scroll.scrollHeight - height
  page.hasEarlier = hasEarlier
  button.hidden = !hasEarlier
})

// --- the text box and its menu of commands

let shown = []
let chosen = -1

function grow() {
  box.style.height = ''
  if (box.value) box.style.height = `${box.scrollHeight}px`
}

function submitBox() {
  if (!box.value.trim()) return
  const text = box.value
  box.value = ''
  grow()
  closeMenu()
  say(text)
  box.focus()
}

function updateMenu() {
  const typed = /^\/(\S*)$/.exec(box.value)
  shown = typed ? commands.filter((command) => command.name.startsWith(typed[1].toLowerCase())) : []
  if (shown.length === 0) return closeMenu()
  menu.replaceChildren(...shown.map(menuEntry))
  menu.hidden = false
  choose(0)
}

function menuEntry(command, index) {
  const entry = document.createElement('div')
  entry.id = `command-${index}`
  entry.setAttribute('role', 'option')
  const name = document.createElement('b')
  name.textContent = `/${command.name}`
  const description = document.createElement('span')
  description.textContent = command.description
  entry.append(name, description)
  // The text box must keep the focus: mousedown would take it before the click.
  entry.addEventListener('mousedown', (event) => event.preventDefault())
  entry.addEventListener('click', () => take(command))
  return entry
}

function choose(index) {
  chosen = index
  for (const [at, entry] of [...menu.children].entries()) entry.setAttribute('aria-selected', String(at === index))
  menu.children[index]?.scrollIntoView({ block: 'nearest' })
  box.setAttribute('aria-activedescendant', `command-${index}`)
}

function closeMenu() {
  menu.hidden = true
  shown = []
  box.removeAttribute('aria-activedescendant')
}

function take(command) {
  box.value = `/${command.name}`
  submitBox()
}

box.addEventListener('input', () => {
  grow()
  updateMenu()
})
box.addEventListener('keydown', (event) => {
  // While an input method composes (Chinese, Japanese), Enter chooses a word and sends nothing.
  if (event.isComposing) return
  if (!menu.hidden) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) choose((chosen + step + shown.length) % shown.length)
    else if (event.key === 'Escape') closeMenu()
    else if (event.key === 'Tab' && !event.shiftKey) {
      box.value = `/${shown[chosen].name} `
      closeMenu()
    } else if (event.key === 'Enter' && !event.shiftKey) take(shown[chosen])
    else return
    event.preventDefault()
  } else if (event.key === 'Enter' && !event.shiftKey) {
    event.preventDefault()
    submitBox()
  }
})
box.addEventListener('blur', closeMenu)
byId('commands').addEventListener('mousedown', (event) => event.preventDefault())
byId('commands').addEventListener('click', () => {
  box.focus()
  if (!menu.hidden) return closeMenu()
  if (!box.value) box.value = '/'
  updateMenu()
})

// --- start

localTimes(document)
for (const post of queue) if (!log.querySelector(`[data-client="${post.clientId}"]`)) drawPending(post)
toBottom(false)
connect()
flush()
if (!matchMedia('(pointer: coarse)').matches) box.focus()
