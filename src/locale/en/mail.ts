/**
 * Mails. `{app}` is the app of the house where the person was going, else the house; `{duration}` is "30 minutes". The
 * first words of `preview` are what a phone shows in its notification.
 */
export const mail = {
  'mail.hello': 'Hello {person},',
  'mail.hello.anyone': 'Hello,',
  'mail.link': 'Or copy this address into your browser:',
  'mail.valid.code': 'Code and link work once, for {duration}.',
  'mail.valid.link': 'The link works once, for {duration}.',
  'mail.once.code': 'Code and link work once.',
  'mail.once.link': 'The link works once.',
  'mail.device': 'Device',
  'mail.place': 'Place',
  'mail.ip': 'IP address',
  'mail.time': 'Time',
  'mail.footer': 'This is an automatic message about your account. It needs no answer.',

  'mail.verify-email.subject': 'Your code for {app}: {code}',
  'mail.verify-email.preview': '{code} confirms your email address.',
  'mail.verify-email.title': 'Confirm your email address',
  'mail.verify-email.body': 'Enter this code on the page where you are signing up for {app}:',
  'mail.verify-email.or': 'Or confirm it here, in the same browser:',
  'mail.verify-email.button': 'Confirm address',
  'mail.verify-email.notYou':
    'If you did not ask for this, ignore this mail, and nothing happens. Give the code to nobody: we never ask for it on the phone or by mail.',

  'mail.account-exists.subject': 'You already have an account for {app}',
  'mail.account-exists.preview': 'Sign in with it, or set a new password.',
  'mail.account-exists.title': 'You already have an account',
  'mail.account-exists.body':
    'Someone, probably you, wanted to sign up for {app} with this address. There is no need to: just sign in.',
  'mail.account-exists.button': 'Sign in',
  'mail.account-exists.reset': 'Forgot your password? Set a new one:',
  'mail.account-exists.notYou':
    'If it was not you, there is nothing to do. Nobody got in, and nothing was changed.',

  'mail.reset-password.subject': 'Set a new password for {app}',
  'mail.reset-password.preview': 'You asked for a link. Here it is.',
  'mail.reset-password.title': 'Set a new password',
  'mail.reset-password.body': 'Someone, probably you, forgot the password for {app}. Choose a new one here:',
  'mail.reset-password.button': 'Set new password',
  'mail.reset-password.notYou': 'If it was not you, ignore this mail. Your password stays as it is.',

  'mail.password-changed.subject': 'Your password for {app} was changed',
  'mail.password-changed.preview': 'Was it you? Then all is well. If not, act now.',
  'mail.password-changed.title': 'Your password was changed',
  'mail.password-changed.body':
    'From now on you sign in to {app} with the new password. The old one no longer works.',
  'mail.password-changed.notYou':
    'If it was not you, somebody else may be in your account. Set a new password now:',
  'mail.password-changed.button': 'Set new password',

  'mail.verify-new-email.subject': 'Your code for {app}: {code}',
  'mail.verify-new-email.preview': '{code} confirms your new email address.',
  'mail.verify-new-email.title': 'Confirm your new address',
  'mail.verify-new-email.body': 'Enter this code on the page where you are changing your address:',
  'mail.verify-new-email.or': 'Or confirm it here. Until then the old address stays.',
  'mail.verify-new-email.button': 'Confirm new address',
  'mail.verify-new-email.notYou':
    'If you did not ask for this, ignore this mail: somebody mistyped an address. Give the code to nobody.',

  'mail.email-changed.subject': 'Your email address for {app} was changed',
  'mail.email-changed.preview': 'From now on we write to {newEmail}.',
  'mail.email-changed.title': 'Your email address was changed',
  'mail.email-changed.body':
    'From now on you sign in to {app} with {newEmail}, and we write to you there. This is the last mail to this address.',
  'mail.email-changed.notYou':
    'If it was not you, somebody else may be in your account. Tell the people behind {app} at once, and show them this mail.',

  'mail.factor-changed.subject': '{title} – {app}',
  'mail.factor-changed.preview': 'Was it you? Then all is well. If not, act now.',
  'mail.factor-changed.factor_enrolled.title': 'Two-step sign-in is on',
  'mail.factor-changed.factor_enrolled.body':
    'From now on you sign in with your password and a code from your authenticator app.',
  'mail.factor-changed.factor_removed.title': 'Two-step sign-in is off',
  'mail.factor-changed.factor_removed.body':
    'From now on you sign in with your password alone. Your recovery codes no longer work.',
  'mail.factor-changed.recovery_codes_made.title': 'You have new recovery codes',
  'mail.factor-changed.recovery_codes_made.body': 'The old ones no longer work. Throw them away.',
  'mail.factor-changed.recovery_code_used.title': 'A recovery code was used',
  'mail.factor-changed.recovery_code_used.body':
    'It let someone, probably you, into your account and cannot be used again. If few are left, make new ones.',
  'mail.factor-changed.notYou':
    'If it was not you, somebody else may be in your account. Look at your devices and set a new password now:',
  'mail.factor-changed.button': 'Check your account',

  'mail.name-changed.subject': '{title} – {app}',
  'mail.name-changed.preview': 'Was it you? Then all is well. If not, act now.',
  'mail.name-changed.username_new.title': 'You have a new user name',
  'mail.name-changed.username_new.body':
    'From now on you can sign in to {app} with the user name in your profile. One that you had before no longer works.',
  'mail.name-changed.username_removed.title': 'Your user name was removed',
  'mail.name-changed.username_removed.body':
    'From now on you sign in to {app} with your email address. The user name no longer works.',
  'mail.name-changed.phone_new.title': 'You have a new phone number',
  'mail.name-changed.phone_new.body':
    'From now on you can sign in to {app} with the phone number in your profile. One that you had before no longer works.',
  'mail.name-changed.phone_removed.title': 'Your phone number was removed',
  'mail.name-changed.phone_removed.body': 'From now on you can no longer sign in to {app} with it.',
  'mail.name-changed.notYou':
    'If it was not you, somebody else may be in your account. Look at your devices, set a new password now, and put your profile right:',
  'mail.name-changed.button': 'Check your account',

  'mail.new-device.subject': 'New sign-in to {app}',
  'mail.new-device.preview': '{device}. Was it you? Then all is well.',
  'mail.new-device.title': 'New sign-in to {app}',
  'mail.new-device.body': 'Your account was used on a device that we have not seen before:',
  'mail.new-device.notYou':
    'If it was you, all is well. If not, sign that device out and set a new password now:',
  'mail.new-device.button': 'Check your devices',

  'mail.session-warning.subject': 'We signed you out of {application}',
  'mail.session-warning.preview': 'Only to be safe. Sign in again to go on.',
  'mail.session-warning.title': 'We signed you out of {application}',
  'mail.session-warning.body':
    'A key of this sign-in was used a second time. That can be a mistake of the app, or somebody has copied the key. To be safe we ended that sign-in; sign in again to go on.',
  'mail.session-warning.notYou': 'If you find devices that you do not know, sign them out:',
  'mail.session-warning.button': 'Check your devices',

  'mail.invitation-admin.subject': 'Set up your administrator account for {app}',
  'mail.invitation-admin.preview': 'Choose a password and a second step to begin.',
  'mail.invitation-admin.title': 'Set up your account',
  'mail.invitation-admin.body':
    'You are now an administrator of {app}. Choose a password and set up two-step sign-in to begin.',
  'mail.invitation-admin.button': 'Set up account',
  'mail.invitation-admin.notYou':
    'If you did not expect this, ignore this mail, and pass the link to nobody: it opens the door for whoever has it.',
}
