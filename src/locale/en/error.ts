/**
 * What went wrong, in the person's words. `error.<code>.title` and `.text` belong to the codes of
 * src/errors.ts; `error.field.*`, `error.password.*`, `error.code.*` and the like stand beside or
 * above a field.
 */
export const error = {
  'error.reference.text': 'If you ask for help, read out this code:',

  'error.bad_request.title': 'We could not read that',
  'error.bad_request.text': 'The request was incomplete or broken. Go back and try again.',
  'error.unknown_application.title': 'We do not know this app',
  'error.unknown_application.text':
    'The app that sent you here is not registered with us. Tell the people who run it.',
  'error.redirect_not_registered.title': 'This app is not set up right',
  'error.redirect_not_registered.text':
    'It asked us to send you to an address that is not registered for it, so we stopped. Tell the people who run it.',
  'error.protocol.title': 'The app asked for something we cannot do',
  'error.protocol.text':
    'Nothing is wrong with your account. Go back to the app and try again; if it happens again, tell the people who run it.',
  'error.invalid_form.title': 'Something is missing',
  'error.invalid_form.text': 'Go back and look at the fields again.',
  'error.unauthenticated.title': 'Please sign in',
  'error.unauthenticated.text': 'You need to be signed in to see this.',
  'error.wrong_credentials.title': 'You are not signed in',
  'error.wrong_credentials.text':
    'That did not match. Check the email address or user name and the password.',
  'error.invalid_client.title': 'This app may not sign people in here',
  'error.invalid_client.text':
    'Whoever runs it: its id, its secret or the origin of its page is not the registered one, or it is not registered with login: true and firstParty: true. The log says which, under this reference.',
  'error.mfa_required.title': 'One more step',
  'error.mfa_required.text': 'This account needs a code from your authenticator app as well.',
  'error.sign_in_incomplete.title': 'There is one more step',
  'error.sign_in_incomplete.text':
    'Sign in once on the sign-in page: your account has something to finish there.',
  'error.forbidden.title': 'This is not for your account',
  'error.forbidden.text': 'Your account may not do this. Someone who manages your account can change that.',
  'error.csrf.title': 'Please try that once more',
  'error.csrf.text':
    'The page was open for too long, or it was opened from somewhere else. Nothing was changed.',
  'error.not_found.title': 'There is nothing here',
  'error.not_found.text': 'The address may have a typing error, or the page has moved.',
  'error.method_not_allowed.title': 'That does not work here',
  'error.method_not_allowed.text': 'This address cannot be used in that way. Go back and try again.',
  'error.conflict.title': 'Somebody was quicker',
  'error.conflict.text': 'This was changed in the meantime. Go back, reload and try again.',
  'error.expired.title': 'This link no longer works',
  'error.expired.text': 'It was used already, or too much time has passed. Ask for a new one.',
  'error.too_large.title': 'That is too large',
  'error.too_large.text': 'What you sent is larger than we can take. Try something smaller.',
  'error.unsupported_media_type.title': 'We cannot read that kind of file',
  'error.unsupported_media_type.text': 'Send it in another format.',
  'error.misdirected.title': 'Wrong address',
  'error.misdirected.text': 'This service is not reached under this address. Open the app again.',
  'error.too_many_requests.title': 'Too many attempts',
  'error.too_many_requests.text': 'To keep accounts safe, please wait a little and try again.',
  'error.too_many_requests.long':
    'Too many attempts in a row have failed. A new password, by “Forgot your password?”, helps at once; if not, ask whoever runs this service.',
  'error.internal.title': 'Something broke on our side',
  'error.internal.text': 'It is not your fault, and we have been told. Try again in a moment.',
  'error.busy.title': 'Very busy right now',
  'error.busy.text': 'Many people are signing in at this moment. Try again in a few seconds.',
  'error.store_unavailable.title': 'Back in a moment',
  'error.store_unavailable.text':
    'We cannot reach our data right now. Nothing was lost; try again in a minute.',

  'error.field.required': 'Please fill this in.',
  'error.field.invalid': 'This does not look right. Please check it.',
  'error.field.unknown': 'There is no field of this name. There are: {known}.',
  'error.field.tooLong': 'This is too long.',
  'error.field.email': 'Enter an address like name@example.com.',
  'error.field.phone': 'Enter the number with its country code, like +39 081 551 7123.',
  'error.field.username': 'Use letters, digits, dots and dashes only.',
  'error.field.date': 'Enter a date that exists, in the past.',
  'error.field.picture': 'Choose a PNG, JPEG or WebP picture of at most 512 KB.',
  'error.field.deletion': 'Tick this box if you want to delete your account.',
  'error.field.taken': 'This is in use already. Choose another one.',

  'error.email.same': 'This is your address already.',
  'error.lastAdministrator': 'You are the last administrator. Give somebody else that role first.',

  'error.password.tooShort': 'Use at least {min} characters.',
  'error.password.tooLong': 'Use at most {max} characters.',
  'error.password.common': 'Many people use this password, so it is easily guessed. Choose another one.',
  'error.password.personal':
    'This is too close to your name, your address or the name of the app. Choose another one.',
  'error.password.wrong': 'This is not your current password.',
  'error.password.signUp': 'This is not the password you signed up with.',
  'error.password.same': 'This is your current password. Choose a new one.',

  'error.code.wrong': 'That code is not right. Check it and try again.',
  'error.code.used': 'That code was used already. Wait for the next one, it comes within 30 seconds.',
  'error.code.expired': 'That code has expired. Ask for a new one.',
  'error.code.tooMany': 'Too many wrong codes. Ask for a new one.',
  'error.recovery.wrong': 'That recovery code is not right. Check it and try again.',

  'error.device.unknown': 'We do not know that code. Check it, or start again on the device.',
  'error.device.stopped': 'You stopped this, and the device was not connected.',
  'error.device.over':
    'This step is over. Look at your device: if it still shows a code, enter the code here.',
}
