import type { account as en } from '../en/account.ts'

export const account: Record<keyof typeof en, string> = {
  'account.places': 'Orte in Ihrem Konto',
  'account.menu': 'Menü',
  'account.signOut': 'Abmelden',
  'account.saved': 'Gespeichert.',

  'account.profile.title': 'Profil',
  'account.profile.text':
    'Was Apps über Sie erfahren, wenn Sie es ihnen erlauben. Sie entscheiden, was Sie ausfüllen.',
  'account.profile.picture': 'Bild',
  'account.profile.picture.text': 'PNG, JPEG oder WebP, höchstens 512 KB.',
  'account.profile.picture.alt': 'Ihr Bild',
  'account.profile.picture.choose': 'Neues Bild',
  'account.profile.picture.save': 'Bild hochladen',
  'account.profile.picture.remove': 'Entfernen',
  'account.profile.details': 'Über Sie',
  'account.profile.username': 'Benutzername',
  'account.profile.birthdate': 'Geburtsdatum',
  'account.profile.phone.hint': 'Mit Ländervorwahl, etwa +49 30 901820',
  'account.profile.address': 'Anschrift',
  'account.profile.street': 'Straße und Hausnummer',
  'account.profile.postalCode': 'Postleitzahl',
  'account.profile.city': 'Ort',
  'account.profile.region': 'Bundesland oder Region',
  'account.profile.country': 'Land',
  'account.profile.language': 'Sprache unserer E-Mails',

  'account.email.title': 'E-Mail-Adresse',
  'account.email.text':
    'Damit melden Sie sich an, und dorthin schreiben wir, wenn mit Ihrem Konto etwas geschieht.',
  'account.email.current': 'Ihre Adresse',
  'account.email.confirmed': 'Bestätigt',
  'account.email.unconfirmed': 'Nicht bestätigt',
  'account.email.change': 'Adresse ändern',
  'account.email.change.text':
    'Wir schicken einen Code an die neue Adresse. Bis Sie ihn eingegeben haben, bleibt die alte.',
  'account.email.new': 'Neue E-Mail-Adresse',
  'account.email.button': 'Code schicken',
  'account.email.pending': '{email} bestätigen',
  'account.email.pending.text':
    'Wir haben einen Code an Ihre neue Adresse geschickt. Geben Sie ihn hier ein, um zu wechseln.',
  'account.email.confirm': 'Neue Adresse bestätigen',
  'account.email.confirm.link.text':
    'Ihr Konto zieht um zu {email}. Wir sagen auch der alten Adresse Bescheid.',
  'account.email.resend': 'Neuen Code schicken',
  'account.email.keep': 'Alte behalten',

  'account.password.title': 'Passwort',
  'account.password.text':
    'Nehmen Sie ein langes, das Sie sonst nirgends benutzen. Ein Passwortmanager merkt es sich für Sie.',
  'account.password.changedAt': 'Zuletzt geändert',
  'account.password.none': 'Ihr Konto hat noch kein Passwort.',
  'account.password.others': 'Meine anderen Geräte abmelden',
  'account.password.others.text': 'Tun Sie das, wenn jemand das alte Passwort kennen könnte.',
  'account.password.button': 'Passwort ändern',

  'account.security.title': 'Zwei-Schritt-Anmeldung',
  'account.security.text':
    'Zum Passwort ein Code von Ihrem Telefon. Mit dem Passwort allein kommt niemand hinein.',
  'account.security.app': 'Authenticator-App',
  'account.security.on': 'An',
  'account.security.off': 'Aus',
  'account.security.since': 'Eingerichtet',
  'account.security.off.text': 'In zwei Minuten eingerichtet. Sie brauchen Ihr Telefon.',
  'account.security.required':
    'Ihre Rolle verlangt die Zwei-Schritt-Anmeldung, darum lässt sie sich nicht ausschalten.',
  'account.security.enrol': 'Einrichten',
  'account.security.replace': 'Auf ein anderes Telefon umziehen',
  'account.security.recovery': 'Wiederherstellungscodes',
  'account.security.recovery.text': 'Für den Tag, an dem Ihr Telefon verloren oder kaputt ist.',
  'account.security.recovery.left.one': 'Noch ein Code',
  'account.security.recovery.left.other': 'Noch {count} Codes',
  'account.security.recovery.none': 'Keine Codes mehr. Machen Sie neue, bevor Sie sie brauchen.',
  'account.security.recovery.make': 'Neue Codes',
  'account.security.recovery.old': 'Neue Codes ersetzen die alten.',
  'account.security.remove': 'Zwei-Schritt-Anmeldung ausschalten',
  'account.security.remove.text':
    'Sie melden sich dann nur noch mit dem Passwort an. Ihre Wiederherstellungscodes gelten nicht mehr.',
  'account.security.remove.button': 'Ausschalten',

  'account.sessions.title': 'Geräte',
  'account.sessions.text':
    'Hier sind Sie angemeldet. Melden Sie ab, was Sie nicht kennen, und ändern Sie Ihr Passwort.',
  'account.sessions.device': 'Gerät',
  'account.sessions.started': 'Angemeldet',
  'account.sessions.lastUsed': 'Zuletzt benutzt',
  'account.sessions.action': 'Aktion',
  'account.sessions.current': 'dieses Gerät',
  'account.sessions.end': 'Abmelden',
  'account.sessions.endLabel': '{device} abmelden',
  'account.sessions.only': 'Sie sind nur auf diesem Gerät angemeldet.',
  'account.sessions.others': 'Überall sonst abmelden',
  'account.sessions.others.one': 'Beendet eine Sitzung. Dieses Gerät bleibt angemeldet.',
  'account.sessions.others.other': 'Beendet {count} Sitzungen. Dieses Gerät bleibt angemeldet.',
  'account.sessions.others.button': 'Andere Geräte abmelden',

  'account.history.title': 'Anmeldungen',
  'account.history.text':
    'Jede Anmeldung an Ihrem Konto und jeder Versuch. Waren Sie das einmal nicht? Ändern Sie Ihr Passwort.',
  'account.history.when': 'Wann',
  'account.history.what': 'Was geschah',
  'account.history.where': 'Gerät und Ort',
  'account.history.success': 'Angemeldet',
  'account.history.failure': 'Fehlgeschlagen',
  'account.history.into': 'bei {app}',
  'account.history.older': 'Ältere',
  'account.history.newest': 'Neueste',
  'account.history.empty': 'Noch nichts',
  'account.history.empty.text': 'Wenn Sie sich das nächste Mal anmelden, steht es hier.',
  'account.history.password': 'Passwort ändern',

  'account.method.pwd': 'Passwort',
  'account.method.otp': 'Authenticator-App',
  'account.method.recovery': 'Wiederherstellungscode',
  'account.method.hwk': 'Passkey',
  'account.method.sso': 'bestehende Anmeldung',

  'account.applications.title': 'Apps',
  'account.applications.text': 'Apps, denen Sie Ihr Konto geöffnet haben, und was sie sehen können.',
  'account.applications.since': 'Erlaubt',
  'account.applications.withdraw': 'Zurücknehmen',
  'account.applications.withdrawLabel': 'Zugriff von {app} zurücknehmen',
  'account.applications.withdraw.text':
    'Eine App, der Sie den Zugriff nehmen, wird abgemeldet und fragt beim nächsten Mal wieder.',
  'account.applications.empty': 'Noch keine Apps',
  'account.applications.empty.text':
    'Wenn eine App um Zugriff auf Ihr Konto bittet und Sie ihn erlauben, finden Sie sie hier.',

  'account.data.title': 'Ihre Daten',
  'account.data.text': 'Was wir über Sie aufbewahren, gehört Ihnen.',
  'account.data.download': 'Alles herunterladen',
  'account.data.download.text':
    'Ihr Profil, Ihre Geräte, Ihre Anmeldungen und Ihre Apps in einer Datei (JSON), die Menschen und Programme lesen können.',
  'account.data.download.button': 'Herunterladen',
  'account.data.delete': 'Konto löschen',
  'account.data.delete.text': 'Das lässt sich nicht rückgängig machen. Es geschieht sofort:',
  'account.data.delete.sessions.one': 'Eine Sitzung endet',
  'account.data.delete.sessions.other': '{count} Sitzungen enden',
  'account.data.delete.applications.one': 'Eine App verliert ihren Zugriff',
  'account.data.delete.applications.other': '{count} Apps verlieren ihren Zugriff',
  'account.data.delete.profile': 'Ihr Profil, Passwort und Bild werden gelöscht',
  'account.data.delete.confirm': 'Ja, mein Konto {email} löschen',
  'account.data.delete.button': 'Konto löschen',

  'account.deleted.title': 'Ihr Konto ist gelöscht',
  'account.deleted.text':
    'Wir haben gelöscht, was wir über Sie aufbewahrt haben. Sie können diese Seite schließen.',

  'account.reauthenticate.title': 'Bestätigen Sie, dass Sie es sind',
  'account.reauthenticate.password': 'Geben Sie vor dieser Änderung Ihr Passwort noch einmal ein.',
  'account.reauthenticate.code':
    'Geben Sie vor dieser Änderung die sechs Ziffern aus Ihrer Authenticator-App ein.',
  'account.reauthenticate.both':
    'Geben Sie vor dieser Änderung Ihr Passwort und die sechs Ziffern aus Ihrer Authenticator-App ein.',
  'account.reauthenticate.as': 'Angemeldet als',
}
