/** Every state of the account's and the development pages, with the locals that their handlers would give. */
import { deviceText, type TextKey, type Translate } from '../../src/locale/locale.ts'
import { flowPages } from './flow-pages.ts'
import { localsOf, type PageState } from './page-state.ts'

const now = new Date('2026-03-14T17:05:00Z')
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000)
const HOUR = 60
const DAY = 24 * HOUR

const ada = { name: 'Ada Rossi', email: 'ada@bella-napoli.example' }
const long = {
  name: 'Maximiliana Oberhuber-Schwarzenegger',
  email: 'maximiliana.oberhuber-schwarzenegger@gasthaus-donaudampfschifffahrt.example',
}
const mine = { person: ada, now }
function flow(view: string, t: Translate) {
  const page = flowPages.find((page) => page.view === view)
  return page && localsOf(page, t)
}
const picture =
  'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"%3E%3Crect width="8" height="8" fill="%23c9a27a"/%3E%3Ccircle cx="4" cy="3.2" r="1.5" fill="%23503820"/%3E%3Cellipse cx="4" cy="7.6" rx="2.8" ry="2.6" fill="%23503820"/%3E%3C/svg%3E'

const here = {
  id: 's1',
  device: 'Chrome on Windows',
  ip: '203.0.113.7',
  startedAt: ago(3 * DAY),
  lastUsedAt: ago(0),
  current: true,
  unfinished: false,
}
const sessions = [
  here,
  {
    ...here,
    id: 's2',
    device: 'Safari on iPhone',
    ip: '2001:db8:85a3::8a2e:370:7334',
    lastUsedAt: ago(150),
    current: false,
  },
  {
    id: 's3',
    device: 'Firefox on Ubuntu',
    ip: '198.51.100.23',
    startedAt: ago(26 * HOUR),
    lastUsedAt: ago(23 * HOUR),
    current: false,
    unfinished: true,
  },
]
const entries = [
  {
    at: ago(4),
    outcome: 'success',
    device: 'Chrome on Windows',
    ip: '203.0.113.7',
    application: 'Kitchen display',
    method: 'otp',
  },
  {
    at: ago(5),
    outcome: 'failure',
    device: 'Chrome on Windows',
    ip: '203.0.113.7',
    application: 'Kitchen display',
    method: 'pwd',
  },
  {
    at: ago(26 * HOUR),
    outcome: 'unfinished',
    device: 'Safari on iPhone',
    ip: '2001:db8:85a3::8a2e:370:7334',
    application: 'Reservations',
    method: 'pwd',
  },
  {
    at: ago(3 * DAY),
    outcome: 'success',
    device: 'Firefox on Ubuntu',
    ip: '198.51.100.23',
    application: 'Kitchen display',
    method: 'recovery',
  },
  { at: ago(40 * DAY), outcome: 'failure', device: '', ip: '192.0.2.44', method: 'pwd' },
]
const applications = (t: Translate) => [
  {
    id: 'a1',
    name: 'Kitchen display',
    uri: 'https://kitchen.example/',
    scopes: [t('flow.scope.profile.title'), t('flow.scope.email.title')],
    since: ago(3 * DAY),
  },
  {
    id: 'a2',
    name: 'Arbeitszeiterfassungs- und Dienstplanverwaltung',
    scopes: [t('flow.scope.roles.title'), t('flow.scope.offline_access.title')],
    since: ago(400 * DAY),
  },
]
/** As the handlers do, which keep a device as requests describe it. */
function inWords<Entry extends { device: string; method?: string }>(t: Translate, entries: Entry[]): Entry[] {
  return entries.map((entry) => ({
    ...entry,
    device: deviceText(t, entry.device) || t('account.device.unknown'),
    ...(entry.method && { method: t(`account.method.${entry.method}` as TextKey) }),
  }))
}
const message = {
  id: 'm1',
  to: ada.email,
  subject: 'Your code for Bella Napoli: 482 913',
  at: ago(1),
  text: 'Hello Ada,\n\nyour code is 482 913.\n\nOr open this link:\nhttp://localhost:3000/verify-email?token=Zk3vQ0JmYx9uWq5sT1hBnE7rPdLcAiGo\n\nAsked for from Chrome on Windows, 203.0.113.7.\n',
}

export const accountPages: PageState[] = [
  {
    view: 'account/profile',
    state: 'empty',
    locals: { ...mine, person: { email: ada.email }, values: {}, today: '2026-03-14' },
  },
  {
    view: 'account/profile',
    state: 'full',
    locals: (t) => ({
      ...mine,
      person: { ...long, picture },
      today: '2026-03-14',
      notice: { text: t('account.done.saved') },
      values: {
        firstName: 'Maximiliana',
        lastName: 'Oberhuber-Schwarzenegger',
        username: 'maxi.ob',
        phone: '+49301234567',
        birthdate: '1984-02-29',
        street: 'Rindfleischetikettierungsüberwachungsstraße 17',
        postalCode: '94032',
        city: 'Passau',
        region: 'Bayern',
        country: 'Deutschland',
        language: 'de',
      },
    }),
  },
  {
    view: 'account/profile',
    state: 'wrong',
    locals: (t) => ({
      ...mine,
      today: '2026-03-14',
      values: { firstName: 'Ada', lastName: 'Rossi', phone: '551', birthdate: '2031-01-01' },
      fields: {
        phone: t('error.field.phone'),
        birthdate: t('error.field.date'),
      },
    }),
  },
  { view: 'account/email', state: 'full', locals: { ...mine, email: ada.email, emailVerified: true } },
  {
    view: 'account/email',
    state: 'pending',
    locals: {
      person: long,
      now,
      email: long.email,
      emailVerified: false,
      pendingEmail: 'ada.rossi@example.net',
    },
  },
  {
    view: 'account/confirm-email',
    state: 'empty',
    locals: { action: '/x', email: 'ada.rossi@example.net', hidden: { token: 'x' } },
  },
  {
    view: 'account/password',
    state: 'full',
    locals: {
      ...mine,
      hasPassword: true,
      changedAt: ago(20 * DAY),
      minLength: 15,
      context: ['ada', 'rossi'],
    },
  },
  {
    view: 'account/password',
    state: 'wrong',
    locals: (t) => ({
      ...mine,
      hasPassword: true,
      minLength: 15,
      fields: { currentPassword: t('error.password.wrong') },
    }),
  },
  { view: 'account/security', state: 'off', locals: { ...mine, recoveryLeft: 0, mfaRequired: false } },
  {
    view: 'account/security',
    state: 'on',
    locals: {
      ...mine,
      totp: { enrolledAt: ago(5 * DAY) },
      recoveryLeft: 2,
      mfaRequired: false,
    },
  },
  {
    view: 'account/security',
    state: 'required',
    locals: (t) => ({
      ...mine,
      totp: { enrolledAt: ago(2) },
      recoveryLeft: 10,
      mfaRequired: true,
      notice: { text: t('account.done.factorOn') },
    }),
  },
  ...[false, true].map(
    (moves): PageState => ({
      view: 'account/totp-enrol',
      state: moves ? 'moves' : 'empty',
      locals: (t) => ({ ...mine, ...flow('flow/enrol-totp', t), moves }),
    }),
  ),
  {
    view: 'account/security-question',
    state: 'codes',
    locals: { ...mine, what: 'codes', action: '/stay', recoveryLeft: 2 },
  },
  {
    view: 'account/security-question',
    state: 'remove',
    locals: { ...mine, what: 'remove', action: '/stay', recoveryLeft: 1 },
  },
  {
    view: 'account/recovery-codes',
    state: 'full',
    locals: (t) => ({ ...mine, ...flow('flow/recovery-codes', t) }),
  },
  { view: 'account/sessions', state: 'one', locals: (t) => ({ ...mine, sessions: inWords(t, [here]) }) },
  { view: 'account/sessions', state: 'full', locals: (t) => ({ ...mine, sessions: inWords(t, sessions) }) },
  { view: 'account/history', state: 'empty', locals: { ...mine, entries: [] } },
  {
    view: 'account/history',
    state: 'full',
    locals: (t) => ({ ...mine, entries: inWords(t, entries), olderUrl: '?after=x' }),
  },
  { view: 'account/applications', state: 'empty', locals: { ...mine, applications: [] } },
  {
    view: 'account/applications',
    state: 'full',
    locals: (t) => ({ ...mine, applications: applications(t) }),
  },
  { view: 'account/data', state: 'full', locals: { ...mine, sessions: 3, applications: 1 } },
  { view: 'account/deleted', state: 'done', locals: {} },
  { view: 'account/deleted', state: 'alone', locals: { app: undefined, signUpUrl: '/signup' } },
  { view: 'dev/mail', state: 'empty', locals: { now, messages: [] } },
  {
    view: 'dev/mail',
    state: 'full',
    locals: {
      now,
      messages: [
        message,
        {
          ...message,
          id: 'm2',
          subject: 'Ein neues Gerät bei Bella Napoli: Firefox auf Ubuntu',
          at: ago(90),
        },
      ],
    },
  },
  { view: 'dev/message', state: 'full', locals: { now, message, htmlUrl: '/x' } },
]
