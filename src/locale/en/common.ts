/** Words that more than one kind of page uses. */
export const common = {
  'common.continue': 'Continue',
  'common.back': 'Back',
  'common.backTo': 'Back to {app}',
  'common.cancel': 'Cancel',
  'common.save': 'Save',
  'common.or': 'or',
  'common.device': '{browser} on {system}',
  'common.optional': 'optional',
  'common.account': 'Your account',
  'common.skip': 'Skip to content',

  'common.email': 'Email address',
  'common.firstName': 'First name',
  'common.lastName': 'Last name',
  'common.phone': 'Phone number',
  'common.code': 'Six-digit code',

  'common.password': 'Password',
  'common.newPassword': 'New password',
  'common.currentPassword': 'Current password',
  'common.password.show': 'Show',
  'common.password.hide': 'Hide',
  'common.password.showLabel': 'Show password',
  'common.password.hideLabel': 'Hide password',
  'common.password.capsLock': 'Caps Lock is on.',
  'common.password.rule':
    'At least {min} characters. A few words that do not belong together are easy to remember.',
  'common.password.missing': 'At least {min} characters, {count} to go.',
  'common.password.personal': 'Leave out your name, your email address and “{brand}”.',
  'common.password.repeats': 'Too repetitive. Use more different characters.',
  'common.password.fair': 'Long enough.',
  'common.password.good': 'Good password.',
  'common.password.strong': 'Strong password.',

  'common.copy': 'Copy',
  'common.copied': 'Copied',
  'common.print': 'Print',
  'common.download': 'Download',

  'common.problem.prefix': 'Problem: {title}',
  'common.problem.one': 'One field needs another look.',
  'common.problem.other': '{count} fields need another look.',

  'common.time.now': 'just now',
  'common.time.exact': '{time} UTC',

  'common.language.en': 'English',
  'common.language.de': 'German',

  // Only a development issuer shows these, at /dev/mail.
  'common.mails': 'Mails',
  'common.mails.text': 'What would have been sent. They lie in the data directory, newest first.',
  'common.mails.empty': 'No mails yet',
  'common.mails.empty.text': 'Create an account or ask for a new password, and the mail appears here.',
  'common.mails.subject': 'Subject',
  'common.mails.to': 'To',
  'common.mails.at': 'Sent',
  'common.mails.all': 'All mails',
  'common.mails.html': 'As the reader sees it',
}
