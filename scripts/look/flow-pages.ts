/** Every state of the sign-in's pages, with the locals that its handlers would give. */
import QRCode from 'qrcode'
import type { Translate } from '../../src/locale/locale.ts'
import type { PageState } from './page-state.ts'

const action = '/flow/x'
/** Somebody else's application. */
const planner = {
  name: 'Table Planner',
  uri: 'https://planner.example/',
  foreign: true,
  maker: 'Cucina Software, Naples',
}
const person = { name: 'Ada Rossi', email: 'ada@bella-napoli.example' }
const longEmail = 'maximiliana.oberhuber-schwarzenegger@gasthaus-donaudampfschifffahrt.example'
const uri =
  'otpauth://totp/Bella%20Napoli:ada@bella-napoli.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Bella%20Napoli'
const totp = {
  action,
  qr: await QRCode.toString(uri, { type: 'svg', margin: 0 }),
  secret: 'JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP',
  uri,
}
const codes = [
  '7K2QP-3M9DX-V8RTN-4HJWB-Q6YZC',
  'M4XNB-82WQJ-TR5KD-9PHVY-3GZC6',
  'R9DTK-W3VXQ-65MPN-BJ7HY-2ZC8G',
  'Y2HGV-CK8ZM-J4QRW-X6TND-7PB35',
  'B6PZJ-9TNYD-3WXKC-HQ5VG-M28R4',
  'T8WMX-5QGRB-Z7DCN-K3PYJ-VH649',
  'G3JYC-VD6HT-8NBPX-2RZQW-5KM74',
  'H5QKR-2XPZW-YC9GJ-N8MDT-6B3V7',
  'D7VCN-MB4TJ-K2HQZ-5WXGP-R98Y3',
  'X4ZGT-6RJMH-PN3VB-YD7CK-W52Q8',
]
const signIn = { action, forgotUrl: '/forgot-password', signUpUrl: '/signup', cancelAction: '/flow/x/cancel' }
const wrongCode = (t: Translate) => ({ fields: { code: t('error.code.used') } })
const scopes = (t: Translate) => [
  { name: 'openid', title: t('flow.scope.openid.title'), detail: t('flow.scope.openid.detail') },
  { name: 'profile', title: t('flow.scope.profile.title'), detail: 'Ada Rossi' },
  { name: 'email', title: t('flow.scope.email.title'), detail: person.email },
  { name: 'roles', title: t('flow.scope.roles.title'), detail: 'Sommelier, Chef de rang' },
]

export const flowPages: PageState[] = [
  { view: 'flow/sign-in', state: 'empty', locals: signIn },
  {
    view: 'flow/sign-in',
    state: 'wrong',
    locals: (t) => ({
      ...signIn,
      values: { identifier: longEmail },
      problem: { text: t('error.wrong_credentials.text') },
      sources: [
        { name: 'Google', url: '/sources/google' },
        { name: 'Landesgaststättenverband', url: '/sources/lgv' },
      ],
    }),
  },
  {
    view: 'flow/sign-in',
    state: 'confirmed',
    locals: {
      ...signIn,
      values: { identifier: longEmail },
      notice: { text: 'Your address is confirmed. Sign in to go on.' },
    },
  },
  { view: 'flow/sign-in', state: 'again', locals: { ...signIn, identifierFixed: person.email } },
  { view: 'flow/sign-in', state: 'foreign', locals: { ...signIn, app: planner } },
  {
    view: 'flow/sign-up',
    state: 'foreign',
    locals: { action, signInUrl: '/flow/x', minLength: 15, app: planner },
  },
  { view: 'flow/sign-up', state: 'empty', locals: { action, signInUrl: '/flow/x', minLength: 15 } },
  {
    view: 'flow/sign-up',
    state: 'wrong',
    locals: (t) => ({
      action,
      signInUrl: '/flow/x',
      minLength: 15,
      values: { email: 'ada@@bella' },
      fields: { email: t('error.field.email'), password: t('error.password.common') },
    }),
  },
  {
    view: 'flow/verify-email',
    state: 'empty',
    locals: { action, resendAction: action, email: person.email, resent: false },
  },
  {
    view: 'flow/verify-email',
    state: 'resent',
    locals: { action, resendAction: action, email: longEmail, resent: true, values: { code: '482913' } },
  },
  { view: 'flow/confirm-email', state: 'empty', locals: { action, hidden: { token: 'x' } } },
  { view: 'flow/verify-email-elsewhere', state: 'empty', locals: { action, email: person.email } },
  { view: 'flow/email-verified', state: 'close', locals: {} },
  { view: 'flow/email-verified', state: 'continue', locals: { continueUrl: '/flow/x' } },
  { view: 'flow/enrol-totp', state: 'empty', locals: totp },
  { view: 'flow/enrol-totp', state: 'wrong', locals: (t) => ({ ...totp, ...wrongCode(t) }) },
  { view: 'flow/recovery-codes', state: 'full', locals: { action, codes } },
  { view: 'flow/second-factor', state: 'empty', locals: { action, recoveryUrl: '/flow/x/recovery' } },
  {
    view: 'flow/second-factor',
    state: 'wrong',
    locals: (t) => ({ action, recoveryUrl: '/flow/x/recovery', cancelAction: action, ...wrongCode(t) }),
  },
  { view: 'flow/recovery-code', state: 'empty', locals: { action, backUrl: '/flow/x' } },
  {
    view: 'flow/consent',
    state: 'full',
    locals: (t) => ({
      action,
      denyAction: action,
      person,
      scopes: scopes(t),
      maker: planner.maker,
      app: planner,
    }),
  },
  {
    view: 'flow/consent',
    state: 'long',
    locals: (t) => ({
      action,
      denyAction: action,
      person: { name: 'Maximiliana Oberhuber-Schwarzenegger', email: longEmail },
      scopes: [
        ...scopes(t),
        { name: 'phone', title: t('flow.scope.phone.title'), detail: '+49 30 901820' },
        {
          name: 'address',
          title: t('flow.scope.address.title'),
          detail: 'Rindfleischetikettierungsüberwachungsstraße 17, 94032 Passau',
        },
        {
          name: 'offline_access',
          title: t('flow.scope.offline_access.title'),
          detail: t('flow.scope.offline_access.detail'),
        },
        { name: 'menu.write', title: t('flow.scope.other.title', { name: 'menu.write' }) },
      ],
    }),
  },
  { view: 'flow/forgot-password', state: 'empty', locals: { action, backUrl: '/flow/x' } },
  {
    view: 'flow/forgot-password',
    state: 'wrong',
    locals: (t) => ({
      action,
      backUrl: '/flow/x',
      values: { email: 'ada' },
      fields: { email: t('error.field.email') },
    }),
  },
  { view: 'flow/forgot-sent', state: 'done', locals: { backUrl: '/flow/x' } },
  {
    view: 'flow/reset-password',
    state: 'empty',
    locals: { action, minLength: 15, email: person.email, context: ['ada', 'rossi'] },
  },
  { view: 'flow/reset-password', state: 'welcome', locals: { action, minLength: 15, welcome: longEmail } },
  { view: 'flow/password-done', state: 'done', locals: { continueUrl: '/flow/x' } },
  { view: 'flow/password-done', state: 'welcome', locals: { continueUrl: '/account', welcome: true } },
  { view: 'flow/reset-expired', state: 'done', locals: { againUrl: '/forgot-password' } },
  {
    view: 'flow/new-password',
    state: 'wrong',
    locals: (t) => ({ action, minLength: 8, fields: { password: t('error.password.tooShort', { min: 8 }) } }),
  },
  { view: 'flow/approval', state: 'done', locals: {} },
  { view: 'flow/profile', state: 'empty', locals: { action, required: ['firstName', 'lastName'] } },
  {
    view: 'flow/profile',
    state: 'one',
    locals: (t) => ({
      action,
      required: ['lastName'],
      values: { firstName: 'Ada' },
      fields: { lastName: t('error.field.required') },
    }),
  },
  { view: 'flow/device-enter', state: 'empty', locals: { action } },
  {
    view: 'flow/device-enter',
    state: 'wrong',
    locals: {
      action,
      userCode: 'BCDF-GHJK',
      hidden: { xsrf: 'x' },
      refusal: 'wrong',
    },
  },
  { view: 'flow/device-enter', state: 'stopped', locals: { action, refusal: 'stopped' } },
  { view: 'flow/device-enter', state: 'over', locals: { action, refusal: 'over' } },
  {
    view: 'flow/device-confirm',
    state: 'full',
    locals: {
      action,
      userCode: 'BCDF-GHJK',
      device: 'Android TV 14',
      hidden: { xsrf: 'x' },
    },
  },
  {
    view: 'flow/device-confirm',
    state: 'foreign',
    locals: { action, userCode: 'BCDF-GHJK', device: 'Android TV 14', app: planner, hidden: { xsrf: 'x' } },
  },
  { view: 'flow/device-done', state: 'done', locals: {} },
  { view: 'flow/sign-out', state: 'one', locals: { action, all: false } },
  { view: 'flow/sign-out', state: 'all', locals: { action, all: true } },
  { view: 'flow/sign-out', state: 'bare', locals: { action, app: undefined } },
  { view: 'flow/signed-out', state: 'close', locals: {} },
  { view: 'flow/signed-out', state: 'continue', locals: { continueUrl: 'https://kitchen.example/' } },
  { view: 'flow/expired', state: 'restart', locals: { restartUrl: 'https://kitchen.example/' } },
  { view: 'flow/expired', state: 'close', locals: {} },
  { view: 'flow/go', state: 'full', locals: { url: '/stay' } },
  {
    view: 'flow/form-post',
    state: 'full',
    locals: { action: '/stay', inputs: { code: 'abc', state: 'xyz' } },
  },
  {
    view: 'error',
    state: 'app',
    locals: (t) => ({
      status: 400,
      title: t('error.bad_request.title'),
      text: t('error.bad_request.text'),
      reference: 'K7QP-3M2D',
      backUrl: 'https://kitchen.example/',
    }),
  },
  {
    view: 'error',
    state: 'alone',
    locals: (t) => ({
      app: undefined,
      status: 503,
      title: t('error.store_unavailable.title'),
      text: t('error.store_unavailable.text'),
      reference: '9XWT-H4PC',
    }),
  },
]
