/** Every state of the sign-in's pages, with the locals that its handlers would give. */
import QRCode from 'qrcode'
import type { PageState } from './page-state.ts'

const action = '/flow/x'
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
const wrongCode = {
  fields: { code: 'That code was used already. Wait for the next one, it comes within 30 seconds.' },
}
const scopes = [
  { name: 'openid', title: 'Recognise you', detail: 'by an identifier of your account' },
  { name: 'profile', title: 'See your name and profile', detail: 'Ada Rossi' },
  { name: 'email', title: 'See your email address', detail: person.email },
  { name: 'roles', title: 'See your roles', detail: 'Waiter, Shift lead' },
]

export const flowPages: PageState[] = [
  { view: 'flow/sign-in', state: 'empty', locals: signIn },
  {
    view: 'flow/sign-in',
    state: 'wrong',
    locals: {
      ...signIn,
      values: { identifier: longEmail },
      problem: { text: 'That did not match. Check the email address or user name and the password.' },
      sources: [
        { name: 'Google', url: '/sources/google' },
        { name: 'Landesgaststättenverband', url: '/sources/lgv' },
      ],
    },
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
  { view: 'flow/sign-up', state: 'empty', locals: { action, signInUrl: '/flow/x', minLength: 15 } },
  {
    view: 'flow/sign-up',
    state: 'wrong',
    locals: {
      action,
      signInUrl: '/flow/x',
      minLength: 15,
      values: { email: 'ada@@bella' },
      fields: {
        email: 'Enter an address like name@example.com.',
        password: 'Many people use this password, so it is easily guessed. Choose another one.',
      },
    },
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
  { view: 'flow/enrol-totp', state: 'wrong', locals: { ...totp, ...wrongCode } },
  { view: 'flow/recovery-codes', state: 'full', locals: { action, codes } },
  { view: 'flow/second-factor', state: 'empty', locals: { action, recoveryUrl: '/flow/x/recovery' } },
  {
    view: 'flow/second-factor',
    state: 'wrong',
    locals: { action, recoveryUrl: '/flow/x/recovery', cancelAction: action, ...wrongCode },
  },
  { view: 'flow/recovery-code', state: 'empty', locals: { action, backUrl: '/flow/x' } },
  {
    view: 'flow/consent',
    state: 'full',
    locals: { action, denyAction: action, person, scopes, maker: 'Cucina Software, Naples' },
  },
  {
    view: 'flow/consent',
    state: 'long',
    locals: {
      action,
      denyAction: action,
      person: { name: 'Maximiliana Oberhuber-Schwarzenegger', email: longEmail },
      scopes: [
        ...scopes,
        { name: 'phone', title: 'Ihre Telefonnummer sehen', detail: '+49 30 901820' },
        {
          name: 'address',
          title: 'Ihre Anschrift sehen',
          detail: 'Rindfleischetikettierungsüberwachungsstraße 17, 94032 Passau',
        },
        {
          name: 'offline_access',
          title: 'Verbunden bleiben',
          detail: 'auch wenn Sie die App nicht benutzen',
        },
        { name: 'menu.write', title: '„menu.write“ benutzen' },
      ],
    },
  },
  { view: 'flow/forgot-password', state: 'empty', locals: { action, backUrl: '/flow/x' } },
  {
    view: 'flow/forgot-password',
    state: 'wrong',
    locals: {
      action,
      backUrl: '/flow/x',
      values: { email: 'ada' },
      fields: { email: 'Enter an address like name@example.com.' },
    },
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
    locals: { action, minLength: 8, fields: { password: 'Use at least 8 characters.' } },
  },
  { view: 'flow/approval', state: 'done', locals: {} },
  { view: 'flow/profile', state: 'empty', locals: { action, required: ['firstName', 'lastName'] } },
  {
    view: 'flow/profile',
    state: 'one',
    locals: {
      action,
      required: ['lastName'],
      values: { firstName: 'Ada' },
      fields: { lastName: 'Fill in this field.' },
    },
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
      device: 'a till in the kitchen, 203.0.113.7',
      hidden: { xsrf: 'x' },
    },
  },
  { view: 'flow/device-done', state: 'done', locals: {} },
  { view: 'flow/sign-out', state: 'one', locals: { action, all: false } },
  { view: 'flow/sign-out', state: 'all', locals: { action, all: true } },
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
    locals: {
      status: 400,
      title: 'We could not read that',
      text: 'The request was incomplete or broken. Go back and try again.',
      reference: 'K7QP-3M2D',
      backUrl: 'https://kitchen.example/',
    },
  },
  {
    view: 'error',
    state: 'alone',
    locals: {
      app: undefined,
      status: 503,
      title: 'Gleich wieder da',
      text: 'Wir erreichen unsere Daten gerade nicht. Es ging nichts verloren; versuchen Sie es in einer Minute noch einmal.',
      reference: '9XWT-H4PC',
    },
  },
]
