/**
 * The pages of the sign-in, in the order a person meets them. `{place}` is "Bella Napoli – Kitchen display";
 * a `.foreign` text is for an app of somebody else, who is not the house.
 */
export const flow = {
  'flow.signIn.title': 'Sign in',
  'flow.signIn.heading': 'Sign in to {place}',
  'flow.signIn.foreign': 'Sign in with {brand} to go on to {app}',
  'flow.signIn.identifier': 'Email address or user name',
  'flow.signIn.button': 'Sign in',
  'flow.signIn.forgot': 'Forgot your password?',
  'flow.signIn.signUp': 'Create an account',
  'flow.signIn.confirmed': 'Your address is confirmed. Sign in to go on.',
  'flow.signIn.source': 'Continue with {name}',
  'flow.signIn.again.title': 'Confirm that it is you',
  'flow.signIn.again.text': 'Enter your password again to go on to {place}.',
  'flow.signIn.again.as': 'Signed in as',

  'flow.signUp.title': 'Create an account',
  'flow.signUp.heading': 'Create an account for {place}',
  'flow.signUp.foreign': 'Create an account with {brand} to go on to {app}',
  'flow.signUp.button': 'Create account',
  'flow.signUp.signIn': 'Have an account? Sign in',

  'flow.verifyEmail.title': 'Check your email',
  'flow.verifyEmail.text': 'We sent a code to {email}. Enter it here to confirm that the address is yours.',
  'flow.verifyEmail.button': 'Confirm address',
  'flow.verifyEmail.none': 'No mail yet? Look into your spam folder, or have a new code sent.',
  'flow.verifyEmail.resend': 'Send a new code',
  'flow.verifyEmail.change': 'Wrong address? Change it',
  'flow.verifyEmail.resent': 'A new code is on its way. The one before no longer works.',

  'flow.confirmEmail.text':
    'One step is left: confirm that this address is yours, and your account for {place} is ready.',

  'flow.verifyElsewhere.title': 'Confirm your email address',
  'flow.verifyElsewhere.text':
    'This link was opened in another browser than the one you signed up with. Enter the password you chose there, so that we know it is you.',
  'flow.verifyElsewhere.button': 'Confirm address',

  'flow.emailVerified.title': 'Your email address is confirmed',
  'flow.emailVerified.text': 'You can close this page and go on where you began.',
  'flow.emailVerified.continue': 'Thank you. You can go on now.',
  'flow.emailVerified.again': 'This link has done its work. Sign in to go on.',

  'flow.enrolTotp.title': 'Set up two-step sign-in',
  'flow.enrolTotp.text':
    'From now on you sign in with your password and a code from an app on your phone. Nobody gets in with the password alone.',
  'flow.enrolTotp.scan': 'Scan this with an authenticator app',
  'flow.enrolTotp.scan.text': 'Any will do: Google Authenticator, 1Password, Apple Passwords and others.',
  'flow.enrolTotp.qr': 'QR code for your authenticator app. The same key is given below as text.',
  'flow.enrolTotp.open': 'Open in an app on this device',
  'flow.enrolTotp.key': 'Or type in this key',
  'flow.enrolTotp.code': 'Enter the six digits the app shows',
  'flow.enrolTotp.button': 'Turn on',

  'flow.recoveryCodes.title': 'Save your recovery codes',
  'flow.recoveryCodes.text':
    'If you ever lose your phone, each of these codes lets you in once. Keep them on paper or in your password manager. We show them only now.',
  'flow.recoveryCodes.list': 'Recovery codes',
  'flow.recoveryCodes.file': 'recovery-codes.txt',
  'flow.recoveryCodes.fileTitle': 'Recovery codes for {brand}. Each works once.',
  'flow.recoveryCodes.button': 'I have saved them',

  'flow.secondFactor.title': 'Enter your code',
  'flow.secondFactor.text': 'Open your authenticator app and enter the six digits it shows for {brand}.',
  'flow.secondFactor.recovery': 'Lost your phone? Use a recovery code',

  'flow.recoveryCode.title': 'Use a recovery code',
  'flow.recoveryCode.text':
    'Enter one of the codes you saved when you set up two-step sign-in. Each works once.',
  'flow.recoveryCode.label': 'Recovery code',
  'flow.recoveryCode.back': 'Use your authenticator app',

  'flow.consent.title': 'Allow access',
  'flow.consent.heading': '{app} asks for access to your account',
  'flow.consent.as': 'Signed in as',
  'flow.consent.will': 'If you allow it, {app} can:',
  'flow.consent.maker': '{app} was made by {maker}.',
  'flow.consent.later': 'You can take this back at any time in your account.',
  'flow.consent.allow': 'Allow',
  'flow.consent.deny': 'Do not allow',

  'flow.scope.openid.title': 'Recognise you',
  'flow.scope.openid.detail': 'when you come back',
  'flow.scope.profile.title': 'See your name and profile',
  'flow.scope.email.title': 'See your email address',
  'flow.scope.phone.title': 'See your phone number',
  'flow.scope.address.title': 'See your address',
  'flow.scope.roles.title': 'See your roles',
  'flow.scope.roles.none': 'you have none yet',
  'flow.scope.offline_access.title': 'Stay connected',
  'flow.scope.offline_access.detail': 'also while you are not using it',
  'flow.scope.missing': 'not given yet',
  'flow.scope.other.title': 'Use “{name}”',

  'flow.forgot.title': 'Forgot your password?',
  'flow.forgot.text': 'Enter the email address of your account. We send you a link to set a new password.',
  'flow.forgot.button': 'Send link',
  'flow.forgot.back': 'Back to sign in',

  'flow.forgotSent.title': 'Check your email',
  'flow.forgotSent.text':
    'If there is an account with that address, a link to set a new password is on its way. It works once.',
  'flow.forgotSent.none': 'Nothing after a few minutes? Look into your spam folder and check the address.',

  'flow.reset.title': 'Set a new password',
  'flow.reset.text': 'When you save it, you are signed out on every device.',
  'flow.reset.button': 'Save password',

  'flow.passwordDone.title': 'Your new password is set',
  'flow.passwordDone.text': 'Every device was signed out. Sign in with the new password to go on.',
  'flow.passwordDone.button': 'Sign in',

  'flow.welcome.title': 'Welcome',
  'flow.welcome.text': 'Choose a password for {name}.',
  'flow.welcomeDone.title': 'Your password is set',
  'flow.welcomeDone.text': 'Sign in to go on.',

  'flow.resetExpired.title': 'This link no longer works',
  'flow.resetExpired.text': 'It was used already, a newer one was sent, or too much time has passed.',
  'flow.resetExpired.button': 'Send a new link',

  'flow.newPassword.title': 'Choose a new password',
  'flow.newPassword.text': 'To keep your account safe, we need a new password from you before you go on.',

  'flow.approval.title': 'Your account is waiting for approval',
  'flow.approval.text':
    'Someone at {brand} looks at each new account. We will write to you as soon as yours is approved; you can close this page.',

  'flow.profile.title': 'Tell us who you are',
  'flow.profile.text': '{brand} asks for your name before you go on.',

  'flow.device.title': 'Connect a device',
  'flow.device.text': 'Enter the code that your device shows.',
  'flow.device.code': 'Code on the device',
  'flow.deviceConfirm.title': 'Connect this device?',
  'flow.deviceConfirm.text': 'It will be signed in to {place} with your account. Compare the code first:',
  'flow.deviceConfirm.foreign':
    'It will be signed in to {app} with your {brand} account. Compare the code first:',
  'flow.deviceConfirm.from': 'Asked for from {device}',
  'flow.deviceConfirm.warning': 'Stop if you did not start this yourself or somebody sent you the code.',
  'flow.deviceConfirm.allow': 'Yes, connect it',
  'flow.deviceConfirm.abort': 'Stop',
  'flow.deviceDone.title': 'Your device is connected',
  'flow.deviceDone.text': 'You can close this page and go on on your device.',

  'flow.signOut.title': 'Sign out?',
  'flow.signOut.text': 'You can sign in again at any time.',
  'flow.signOut.all.text': 'The same sign-in let you into other apps. You can leave all of them at once.',
  'flow.signOut.button': 'Sign out',
  'flow.signOut.all': 'Sign out of all apps',
  'flow.signOut.one': 'Only sign out of {app}',
  'flow.signOut.stay': 'Stay signed in',

  'flow.signedOut.title': 'You are signed out',
  'flow.signedOut.text': 'You can close this page.',

  'flow.expired.title': 'This page has expired',
  'flow.expired.text':
    'You have passed this step, it took too long, or you began in another browser. Go on; if something is missing, we ask you for it again.',
  'flow.expired.button': 'Go on to {app}',
  'flow.expired.close': 'Go back to the app you came from and go on there.',

  'flow.go.title': 'One moment',
  'flow.go.text': 'You are on your way to {place}.',
  'flow.go.link': 'Go on',
}
