import type { flow as en } from '../en/flow.ts'

export const flow: Record<keyof typeof en, string> = {
  'flow.signIn.title': 'Anmelden',
  'flow.signIn.heading': 'Anmelden bei {place}',
  'flow.signIn.foreign': 'Mit {brand} anmelden und weiter zu {app}',
  'flow.signIn.identifier': 'E-Mail-Adresse oder Benutzername',
  'flow.signIn.button': 'Anmelden',
  'flow.signIn.forgot': 'Passwort vergessen?',
  'flow.signIn.signUp': 'Konto anlegen',
  'flow.signIn.confirmed': 'Ihre Adresse ist bestätigt. Melden Sie sich an, dann geht es weiter.',
  'flow.signIn.source': 'Weiter mit {name}',
  'flow.signIn.again.title': 'Bestätigen Sie, dass Sie es sind',
  'flow.signIn.again.text': 'Geben Sie Ihr Passwort noch einmal ein, dann geht es weiter zu {place}.',
  'flow.signIn.again.as': 'Angemeldet als',

  'flow.signUp.title': 'Konto anlegen',
  'flow.signUp.heading': 'Konto anlegen für {place}',
  'flow.signUp.foreign': 'Konto bei {brand} anlegen und weiter zu {app}',
  'flow.signUp.button': 'Konto anlegen',
  'flow.signUp.signIn': 'Sie haben schon ein Konto? Anmelden',

  'flow.verifyEmail.title': 'Sehen Sie in Ihrem Postfach nach',
  'flow.verifyEmail.text':
    'Wir haben einen Code an {email} geschickt. Geben Sie ihn hier ein, um zu bestätigen, dass die Adresse Ihnen gehört.',
  'flow.verifyEmail.button': 'Adresse bestätigen',
  'flow.verifyEmail.none':
    'Noch nichts da? Sehen Sie im Spam-Ordner nach, oder lassen Sie sich einen neuen Code schicken.',
  'flow.verifyEmail.resend': 'Neuen Code schicken',
  'flow.verifyEmail.change': 'Falsche Adresse? Ändern',
  'flow.verifyEmail.resent': 'Ein neuer Code ist unterwegs. Der vorige gilt nicht mehr.',

  'flow.confirmEmail.text':
    'Noch ein Schritt: Bestätigen Sie, dass diese Adresse Ihnen gehört, dann ist Ihr Konto für {place} bereit.',

  'flow.verifyElsewhere.title': 'E-Mail-Adresse bestätigen',
  'flow.verifyElsewhere.text':
    'Dieser Link wurde in einem anderen Browser geöffnet als dem, in dem Sie Ihr Konto angelegt haben. Geben Sie das Passwort ein, das Sie dort gewählt haben. So wissen wir, dass Sie es sind.',
  'flow.verifyElsewhere.button': 'Adresse bestätigen',

  'flow.emailVerified.title': 'Ihre E-Mail-Adresse ist bestätigt',
  'flow.emailVerified.text': 'Sie können diese Seite schließen und dort weitermachen, wo Sie begonnen haben.',
  'flow.emailVerified.continue': 'Danke. Jetzt kann es weitergehen.',
  'flow.emailVerified.again': 'Dieser Link hat seinen Dienst getan. Melden Sie sich an, dann geht es weiter.',

  'flow.enrolTotp.title': 'Zwei-Schritt-Anmeldung einrichten',
  'flow.enrolTotp.text':
    'Von nun an melden Sie sich mit Ihrem Passwort und einem Code aus einer App auf Ihrem Telefon an. Mit dem Passwort allein kommt niemand hinein.',
  'flow.enrolTotp.scan': 'Scannen Sie diesen Code mit einer Authenticator-App',
  'flow.enrolTotp.scan.text':
    'Jede eignet sich: Google Authenticator, 1Password, Apple Passwörter und andere.',
  'flow.enrolTotp.qr': 'QR-Code für Ihre Authenticator-App. Derselbe Schlüssel steht darunter als Text.',
  'flow.enrolTotp.open': 'In einer App auf diesem Gerät öffnen',
  'flow.enrolTotp.key': 'Oder tippen Sie diesen Schlüssel ein',
  'flow.enrolTotp.code': 'Geben Sie die sechs Ziffern ein, die die App zeigt',
  'flow.enrolTotp.button': 'Einschalten',

  'flow.recoveryCodes.title': 'Wiederherstellungscodes sichern',
  'flow.recoveryCodes.text':
    'Wenn Sie Ihr Telefon verlieren, kommen Sie mit jedem dieser Codes einmal hinein. Bewahren Sie sie auf Papier oder in Ihrem Passwortmanager auf. Wir zeigen sie nur dieses eine Mal.',
  'flow.recoveryCodes.list': 'Wiederherstellungscodes',
  'flow.recoveryCodes.file': 'wiederherstellungscodes.txt',
  'flow.recoveryCodes.fileTitle': 'Wiederherstellungscodes für {brand}. Jeder gilt einmal.',
  'flow.recoveryCodes.button': 'Ich habe sie gesichert',

  'flow.secondFactor.title': 'Geben Sie Ihren Code ein',
  'flow.secondFactor.text':
    'Öffnen Sie Ihre Authenticator-App und geben Sie die sechs Ziffern ein, die sie für {brand} zeigt.',
  'flow.secondFactor.recovery': 'Telefon verloren? Wiederherstellungscode benutzen',

  'flow.recoveryCode.title': 'Wiederherstellungscode benutzen',
  'flow.recoveryCode.text':
    'Geben Sie einen der Codes ein, die Sie beim Einrichten der Zwei-Schritt-Anmeldung gesichert haben. Jeder gilt einmal.',
  'flow.recoveryCode.label': 'Wiederherstellungscode',
  'flow.recoveryCode.back': 'Authenticator-App benutzen',

  'flow.consent.title': 'Zugriff erlauben',
  'flow.consent.heading': '{app} bittet um Zugriff auf Ihr Konto',
  'flow.consent.as': 'Angemeldet als',
  'flow.consent.will': 'Wenn Sie zustimmen, kann {app}:',
  'flow.consent.maker': '{app} stammt von {maker}.',
  'flow.consent.later': 'Sie können das jederzeit in Ihrem Konto zurücknehmen.',
  'flow.consent.allow': 'Erlauben',
  'flow.consent.deny': 'Ablehnen',

  'flow.scope.openid.title': 'Sie wiedererkennen',
  'flow.scope.openid.detail': 'wenn Sie wiederkommen',
  'flow.scope.profile.title': 'Ihren Namen und Ihr Profil sehen',
  'flow.scope.email.title': 'Ihre E-Mail-Adresse sehen',
  'flow.scope.phone.title': 'Ihre Telefonnummer sehen',
  'flow.scope.address.title': 'Ihre Anschrift sehen',
  'flow.scope.roles.title': 'Ihre Rollen sehen',
  'flow.scope.roles.none': 'Sie haben noch keine',
  'flow.scope.offline_access.title': 'Verbunden bleiben',
  'flow.scope.offline_access.detail': 'auch wenn Sie die App gerade nicht benutzen',
  'flow.scope.missing': 'noch nicht angegeben',
  'flow.scope.other.title': '„{name}“ benutzen',

  'flow.forgot.title': 'Passwort vergessen?',
  'flow.forgot.text':
    'Geben Sie die E-Mail-Adresse Ihres Kontos ein. Wir schicken Ihnen einen Link, mit dem Sie ein neues Passwort festlegen.',
  'flow.forgot.button': 'Link schicken',
  'flow.forgot.back': 'Zurück zur Anmeldung',

  'flow.forgotSent.title': 'Sehen Sie in Ihrem Postfach nach',
  'flow.forgotSent.text':
    'Wenn es ein Konto mit dieser Adresse gibt, ist ein Link für ein neues Passwort unterwegs. Er gilt einmal.',
  'flow.forgotSent.none':
    'Nach ein paar Minuten noch nichts? Sehen Sie im Spam-Ordner nach und prüfen Sie die Adresse.',

  'flow.reset.title': 'Neues Passwort festlegen',
  'flow.reset.text': 'Wenn Sie es speichern, werden Sie auf allen Geräten abgemeldet.',
  'flow.reset.button': 'Passwort speichern',

  'flow.passwordDone.title': 'Ihr neues Passwort ist gespeichert',
  'flow.passwordDone.text':
    'Alle Geräte wurden abgemeldet. Melden Sie sich mit dem neuen Passwort an, dann geht es weiter.',
  'flow.passwordDone.button': 'Anmelden',

  'flow.welcome.title': 'Willkommen',
  'flow.welcome.text': 'Wählen Sie ein Passwort für {name}.',
  'flow.welcomeDone.title': 'Ihr Passwort gilt',
  'flow.welcomeDone.text': 'Melden Sie sich an, dann geht es weiter.',

  'flow.resetExpired.title': 'Dieser Link gilt nicht mehr',
  'flow.resetExpired.text':
    'Er wurde schon benutzt, ein neuerer wurde geschickt, oder es ist zu viel Zeit vergangen.',
  'flow.resetExpired.button': 'Neuen Link anfordern',

  'flow.newPassword.title': 'Wählen Sie ein neues Passwort',
  'flow.newPassword.text':
    'Damit Ihr Konto sicher bleibt, brauchen wir ein neues Passwort von Ihnen, bevor es weitergeht.',

  'flow.approval.title': 'Ihr Konto wartet auf Freigabe',
  'flow.approval.text':
    'Jemand bei {brand} sieht sich jedes neue Konto an. Wir schreiben Ihnen, sobald Ihres freigegeben ist; Sie können diese Seite schließen.',

  'flow.profile.title': 'Sagen Sie uns, wer Sie sind',
  'flow.profile.text': '{brand} bittet um Ihren Namen, bevor es weitergeht.',

  'flow.device.title': 'Gerät verbinden',
  'flow.device.text': 'Geben Sie den Code ein, den Ihr Gerät zeigt.',
  'flow.device.code': 'Code auf dem Gerät',
  'flow.deviceConfirm.title': 'Dieses Gerät verbinden?',
  'flow.deviceConfirm.text':
    'Es wird mit Ihrem Konto bei {place} angemeldet. Vergleichen Sie zuerst den Code:',
  'flow.deviceConfirm.foreign':
    '{app} wird dort mit Ihrem Konto bei {brand} angemeldet. Vergleichen Sie zuerst den Code:',
  'flow.deviceConfirm.from': 'Angefragt von {device}',
  'flow.deviceConfirm.warning':
    'Brechen Sie ab, wenn Sie das nicht selbst begonnen haben oder jemand Ihnen den Code geschickt hat.',
  'flow.deviceConfirm.allow': 'Ja, verbinden',
  'flow.deviceConfirm.abort': 'Abbrechen',
  'flow.deviceDone.title': 'Ihr Gerät ist verbunden',
  'flow.deviceDone.text': 'Sie können diese Seite schließen und auf Ihrem Gerät weitermachen.',

  'flow.signOut.title': 'Abmelden?',
  'flow.signOut.text': 'Sie können sich jederzeit wieder anmelden.',
  'flow.signOut.all.text':
    'Mit derselben Anmeldung nutzen Sie auch andere Apps. Sie können sich von allen zugleich abmelden.',
  'flow.signOut.button': 'Abmelden',
  'flow.signOut.all': 'Von allen Apps abmelden',
  'flow.signOut.one': 'Nur von {app} abmelden',
  'flow.signOut.stay': 'Angemeldet bleiben',

  'flow.signedOut.title': 'Sie sind abgemeldet',
  'flow.signedOut.text': 'Sie können diese Seite schließen.',

  'flow.expired.title': 'Diese Seite ist abgelaufen',
  'flow.expired.text':
    'Sie haben diesen Schritt hinter sich, es ist zu viel Zeit vergangen, oder Sie haben in einem anderen Browser begonnen. Gehen Sie weiter; fehlt noch etwas, fragen wir Sie danach.',
  'flow.expired.button': 'Weiter zu {app}',
  'flow.expired.close': 'Gehen Sie zurück zur App, aus der Sie kamen, und machen Sie dort weiter.',

  'flow.go.title': 'Einen Moment',
  'flow.go.text': 'Es geht weiter zu {place}.',
  'flow.go.link': 'Weiter',
}
