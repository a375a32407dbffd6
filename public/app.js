/** Makes the pages quicker to use. Every page works without it, and nothing here decides anything. */
const {
  lang,
  dataset: { dates, here },
} = document.documentElement

// A refused form is an answer to what was sent: Back and reload would ask whether to send it again.
if (here) history.replaceState(history.state, '', here)

for (const box of document.querySelectorAll('[data-password]')) {
  const input = box.querySelector('input')
  showOnRequest(input, box.querySelector('.with-button button'))
  hintCapsLock(input, box.querySelector('.caps'))
  const meter = box.querySelector('.strength')
  if (meter) judge(input, meter, box.querySelector('.hint'), box.querySelector('[data-told]'))
}
for (const form of document.querySelectorAll('form')) guide(form)
for (const input of document.querySelectorAll('[data-code]')) sendWhenWhole(input)
for (const button of document.querySelectorAll('[data-copy]')) copyOnClick(button)
for (const time of document.querySelectorAll('time')) tellLocally(time)
for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false
  button.addEventListener('click', () => window.print())
}
window.addEventListener('load', () => document.querySelector('form[data-send]')?.requestSubmit())
// Browsers keep the focus of an element only where `autofocus` is heeded for all of them.
document.getElementById('problem')?.focus()

function showOnRequest(input, button) {
  button.hidden = false
  button.addEventListener('click', () => {
    const shown = input.type === 'text'
    input.type = shown ? 'password' : 'text'
    button.textContent = shown ? button.dataset.show : button.dataset.hide
    button.setAttribute('aria-label', shown ? button.dataset.showLabel : button.dataset.hideLabel)
    input.focus()
  })
  // A shown password must not be offered by the browser as something typed before.
  input.form?.addEventListener('submit', () => {
    input.type = 'password'
  })
}

function hintCapsLock(input, hint) {
  const look = (event) => {
    hint.hidden = !event.getModifierState?.('CapsLock')
  }
  input.addEventListener('keydown', look)
  input.addEventListener('keyup', look)
  input.addEventListener('blur', () => {
    hint.hidden = true
  })
}

/** Tells while one types how far a new password is; the server has the last word and knows the common ones. */
function judge(input, meter, hint, told) {
  const rule = hint.textContent
  const { context, missing, personal, repeats, fair, good, strong } = meter.dataset
  const min = input.minLength
  let later

  const taboo = () => {
    const address =
      input.form.querySelector('[autocomplete~="email"],[autocomplete~="username"]')?.value ?? ''
    return [...context.split('\n'), address.split('@')[0]].map(plain).filter((word) => word.length > 3)
  }
  input.addEventListener('input', () => {
    const typed = [...input.value.normalize('NFC')]
    const [level, words] = weigh(typed)
    meter.hidden = typed.length === 0
    meter.dataset.level = String(level)
    hint.textContent = words
    clearTimeout(later)
    later = setTimeout(() => {
      told.textContent = words === rule ? '' : words
    }, 800)
  })

  function weigh(typed) {
    const { length } = typed
    const word = plain(input.value)
    if (length === 0) return [0, rule]
    if (length < min) return [1, missing.replace('{count}', min - length)]
    if (new Set(typed).size < Math.min(8, min / 2)) return [1, repeats]
    if (taboo().some((one) => word.includes(one) && word.length - one.length < min)) return [1, personal]
    const reserve = length - min + new Set(typed).size / 4
    if (reserve < 4) return [2, fair]
    return reserve < 9 ? [3, good] : [4, strong]
  }
}

function plain(text) {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}

/** Says what is wrong beside the field, in our words instead of the browser's, and sends a form only once. */
function guide(form) {
  form.addEventListener(
    'invalid',
    (event) => {
      const input = event.target
      if (!input.dataset.required) return
      event.preventDefault()
      // Nothing is done any more, and what was done before is no news.
      document.querySelector('.notice')?.remove()
      mark(input, input.validity.valueMissing ? input.dataset.required : input.dataset.invalid)
      form.querySelector('[aria-invalid="true"]')?.focus()
    },
    true,
  )
  form.addEventListener('input', ({ target }) => {
    if (target.getAttribute('aria-invalid') === 'true' && target.validity.valid) mark(target, '')
  })
  form.addEventListener('submit', (event) => {
    if (form.ariaBusy === 'true') event.preventDefault()
    form.ariaBusy = 'true'
  })
  // Back from the next page, the form can be sent again.
  window.addEventListener('pageshow', () => {
    form.ariaBusy = null
  })
}

function mark(input, words) {
  const place = document.getElementById(`${input.id}-wrong`)
  if (!place) return
  if (words) input.setAttribute('aria-invalid', 'true')
  else input.removeAttribute('aria-invalid')
  place.querySelector('span').textContent = words
  place.hidden = !words
}

/** Six digits, typed or pasted with blanks, go off by themselves; but only once, and never over an old error. */
function sendWhenWhole(input) {
  let sent = false
  input.addEventListener('input', () => {
    const digits = input.value.replace(/\D/g, '')
    if (digits.length !== 6 || sent) return
    input.value = digits
    const form = input.form
    if (!form.checkValidity()) return
    sent = true
    form.requestSubmit()
  })
}

function copyOnClick(button) {
  if (!navigator.clipboard) return
  const words = button.textContent
  button.hidden = false
  button.addEventListener('click', async () => {
    const source = document.getElementById(button.dataset.copy)
    const lines = [...source.querySelectorAll('li')].map((line) => line.textContent.trim())
    await navigator.clipboard.writeText(
      lines.length ? lines.join('\n') : source.textContent.replace(/\s/g, ''),
    )
    button.textContent = button.dataset.done
    setTimeout(() => {
      button.textContent = words
    }, 2000)
  })
}

/** The server knows no time zone; here the day and the hour are the person's own. */
function tellLocally(time) {
  const at = new Date(time.dateTime)
  const [told, exact] = time.children
  const full = new Intl.DateTimeFormat(dates, { dateStyle: 'medium', timeStyle: 'short' }).format(at)
  time.title = full
  exact.textContent = ` (${full})`
  const midnight = new Date()
  midnight.setHours(0, 0, 0, 0)
  const days = Math.floor((at - midnight) / 86_400_000)
  if (days > -1 || days < -6) return
  const day = new Intl.RelativeTimeFormat(lang, { numeric: 'auto' }).format(days, 'day')
  const hour = new Intl.DateTimeFormat(dates, { timeStyle: 'short' }).format(at)
  told.textContent = `${day}, ${hour}`
}
