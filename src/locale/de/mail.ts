import type { mail as en } from '../en/mail.ts'

export const mail: Record<keyof typeof en, string> = {
  'mail.hello': 'Guten Tag {person},',
  'mail.hello.anyone': 'Guten Tag,',
  'mail.link': 'Oder kopieren Sie diese Adresse in Ihren Browser:',
  'mail.valid.code': 'Code und Link gelten einmal und {duration} lang.',
  'mail.valid.link': 'Der Link gilt einmal und {duration} lang.',
  'mail.once.code': 'Code und Link gelten einmal.',
  'mail.once.link': 'Der Link gilt einmal.',
  'mail.device': 'Gerät',
  'mail.place': 'Ort',
  'mail.ip': 'IP-Adresse',
  'mail.time': 'Zeit',
  'mail.footer':
    'Diese Nachricht zu Ihrem Konto wurde automatisch verschickt. Sie brauchen nicht zu antworten.',

  'mail.verify-email.subject': 'Ihr Code für {app}: {code}',
  'mail.verify-email.preview': '{code} bestätigt Ihre E-Mail-Adresse.',
  'mail.verify-email.title': 'Bestätigen Sie Ihre E-Mail-Adresse',
  'mail.verify-email.body':
    'Geben Sie diesen Code auf der Seite ein, auf der Sie Ihr Konto für {app} anlegen:',
  'mail.verify-email.or': 'Oder bestätigen Sie sie hier, im selben Browser:',
  'mail.verify-email.button': 'Adresse bestätigen',
  'mail.verify-email.notYou':
    'Wenn Sie das nicht angefordert haben, ignorieren Sie diese E-Mail, dann geschieht nichts. Geben Sie den Code nicht weiter: Wir fragen nie am Telefon oder per E-Mail danach.',

  'mail.account-exists.subject': 'Sie haben schon ein Konto für {app}',
  'mail.account-exists.preview': 'Melden Sie sich damit an, oder legen Sie ein neues Passwort fest.',
  'mail.account-exists.title': 'Sie haben schon ein Konto',
  'mail.account-exists.body':
    'Jemand, wahrscheinlich Sie, wollte mit dieser Adresse ein Konto für {app} anlegen. Das ist nicht nötig: Melden Sie sich einfach an.',
  'mail.account-exists.button': 'Anmelden',
  'mail.account-exists.reset': 'Passwort vergessen? Legen Sie ein neues fest:',
  'mail.account-exists.notYou':
    'Wenn Sie das nicht waren, müssen Sie nichts tun. Niemand ist hineingekommen, und nichts hat sich geändert.',

  'mail.reset-password.subject': 'Neues Passwort für {app} festlegen',
  'mail.reset-password.preview': 'Hier ist der Link, den Sie angefordert haben.',
  'mail.reset-password.title': 'Neues Passwort festlegen',
  'mail.reset-password.body':
    'Jemand, wahrscheinlich Sie, hat das Passwort für {app} vergessen. Wählen Sie hier ein neues:',
  'mail.reset-password.button': 'Neues Passwort festlegen',
  'mail.reset-password.notYou':
    'Wenn Sie das nicht waren, ignorieren Sie diese E-Mail. Ihr Passwort bleibt, wie es ist.',

  'mail.password-changed.subject': 'Ihr Passwort für {app} wurde geändert',
  'mail.password-changed.preview': 'Waren Sie das? Dann ist alles gut. Wenn nicht, handeln Sie jetzt.',
  'mail.password-changed.title': 'Ihr Passwort wurde geändert',
  'mail.password-changed.body':
    'Von nun an melden Sie sich bei {app} mit dem neuen Passwort an. Das alte gilt nicht mehr.',
  'mail.password-changed.notYou':
    'Wenn Sie das nicht waren, ist vielleicht jemand anderes in Ihrem Konto. Legen Sie jetzt ein neues Passwort fest:',
  'mail.password-changed.button': 'Neues Passwort festlegen',

  'mail.verify-new-email.subject': 'Ihr Code für {app}: {code}',
  'mail.verify-new-email.preview': '{code} bestätigt Ihre neue E-Mail-Adresse.',
  'mail.verify-new-email.title': 'Bestätigen Sie Ihre neue Adresse',
  'mail.verify-new-email.body': 'Geben Sie diesen Code auf der Seite ein, auf der Sie Ihre Adresse ändern:',
  'mail.verify-new-email.or': 'Oder bestätigen Sie sie hier. Bis dahin bleibt es bei der alten Adresse.',
  'mail.verify-new-email.button': 'Neue Adresse bestätigen',
  'mail.verify-new-email.notYou':
    'Wenn Sie das nicht angefordert haben, ignorieren Sie diese E-Mail: Jemand hat sich bei einer Adresse vertippt. Geben Sie den Code nicht weiter.',

  'mail.email-changed.subject': 'Ihre E-Mail-Adresse für {app} wurde geändert',
  'mail.email-changed.preview': 'Von nun an schreiben wir an {newEmail}.',
  'mail.email-changed.title': 'Ihre E-Mail-Adresse wurde geändert',
  'mail.email-changed.body':
    'Von nun an melden Sie sich bei {app} mit {newEmail} an, und wir schreiben Ihnen dorthin. Das ist die letzte E-Mail an diese Adresse.',
  'mail.email-changed.notYou':
    'Wenn Sie das nicht waren, ist vielleicht jemand anderes in Ihrem Konto. Wenden Sie sich sofort an {app}, und zeigen Sie dort diese E-Mail.',

  'mail.factor-changed.subject': '{title} – {app}',
  'mail.factor-changed.preview': 'Waren Sie das? Dann ist alles gut. Wenn nicht, handeln Sie jetzt.',
  'mail.factor-changed.factor_enrolled.title': 'Die Zwei-Schritt-Anmeldung ist an',
  'mail.factor-changed.factor_enrolled.body':
    'Von nun an melden Sie sich mit Ihrem Passwort und einem Code aus Ihrer Authenticator-App an.',
  'mail.factor-changed.factor_removed.title': 'Die Zwei-Schritt-Anmeldung ist aus',
  'mail.factor-changed.factor_removed.body':
    'Von nun an melden Sie sich mit dem Passwort allein an. Ihre Wiederherstellungscodes gelten nicht mehr.',
  'mail.factor-changed.recovery_codes_made.title': 'Sie haben neue Wiederherstellungscodes',
  'mail.factor-changed.recovery_codes_made.body': 'Die alten gelten nicht mehr. Werfen Sie sie weg.',
  'mail.factor-changed.recovery_code_used.title': 'Ein Wiederherstellungscode wurde benutzt',
  'mail.factor-changed.recovery_code_used.body':
    'Jemand, wahrscheinlich Sie, kam damit in Ihr Konto. Er gilt nicht noch einmal. Wenn nur noch wenige übrig sind, erstellen Sie neue.',
  'mail.factor-changed.notYou':
    'Wenn Sie das nicht waren, ist vielleicht jemand anderes in Ihrem Konto. Sehen Sie Ihre Geräte durch, und legen Sie jetzt ein neues Passwort fest:',
  'mail.factor-changed.button': 'Konto prüfen',

  'mail.name-changed.subject': '{title} – {app}',
  'mail.name-changed.preview': 'Waren Sie das? Dann ist alles gut. Wenn nicht, handeln Sie jetzt.',
  'mail.name-changed.username_new.title': 'Sie haben einen neuen Benutzernamen',
  'mail.name-changed.username_new.body':
    'Von nun an können Sie sich bei {app} mit dem Benutzernamen anmelden, der in Ihrem Profil steht. Ein früherer gilt nicht mehr.',
  'mail.name-changed.username_removed.title': 'Ihr Benutzername wurde entfernt',
  'mail.name-changed.username_removed.body':
    'Von nun an melden Sie sich bei {app} mit Ihrer E-Mail-Adresse an. Der Benutzername gilt nicht mehr.',
  'mail.name-changed.phone_new.title': 'Sie haben eine neue Telefonnummer',
  'mail.name-changed.phone_new.body':
    'Von nun an können Sie sich bei {app} mit der Telefonnummer anmelden, die in Ihrem Profil steht. Eine frühere gilt nicht mehr.',
  'mail.name-changed.phone_removed.title': 'Ihre Telefonnummer wurde entfernt',
  'mail.name-changed.phone_removed.body': 'Von nun an können Sie sich damit nicht mehr bei {app} anmelden.',
  'mail.name-changed.notYou':
    'Wenn Sie das nicht waren, ist vielleicht jemand anderes in Ihrem Konto. Sehen Sie Ihre Geräte durch, setzen Sie jetzt ein neues Passwort, und bringen Sie Ihr Profil in Ordnung:',
  'mail.name-changed.button': 'Konto prüfen',

  'mail.new-device.subject': 'Neue Anmeldung bei {app}',
  'mail.new-device.preview': '{device}. Waren Sie das? Dann ist alles gut.',
  'mail.new-device.title': 'Neue Anmeldung bei {app}',
  'mail.new-device.body': 'Ihr Konto wurde auf einem Gerät benutzt, das wir noch nicht kannten:',
  'mail.new-device.notYou':
    'Wenn Sie das waren, ist alles gut. Wenn nicht, melden Sie dieses Gerät ab, und legen Sie jetzt ein neues Passwort fest:',
  'mail.new-device.button': 'Geräte prüfen',

  'mail.session-warning.subject': 'Wir haben Sie bei {application} abgemeldet',
  'mail.session-warning.preview': 'Nur zur Sicherheit. Melden Sie sich wieder an, dann geht es weiter.',
  'mail.session-warning.title': 'Wir haben Sie bei {application} abgemeldet',
  'mail.session-warning.body':
    'Ein Schlüssel dieser Anmeldung wurde ein zweites Mal benutzt. Das kann ein Fehler der App sein, oder jemand hat ihn kopiert. Zur Sicherheit haben wir diese Anmeldung beendet; melden Sie sich wieder an, dann geht es weiter.',
  'mail.session-warning.notYou': 'Wenn Sie Geräte finden, die Sie nicht kennen, melden Sie sie ab:',
  'mail.session-warning.button': 'Geräte prüfen',

  'mail.invitation-admin.subject': 'Richten Sie Ihr Verwaltungskonto für {app} ein',
  'mail.invitation-admin.preview': 'Wählen Sie ein Passwort und einen zweiten Schritt.',
  'mail.invitation-admin.title': 'Richten Sie Ihr Konto ein',
  'mail.invitation-admin.body':
    'Sie verwalten nun {app}. Wählen Sie ein Passwort und richten Sie die Zwei-Schritt-Anmeldung ein, dann geht es los.',
  'mail.invitation-admin.button': 'Konto einrichten',
  'mail.invitation-admin.notYou':
    'Wenn Sie damit nicht gerechnet haben, ignorieren Sie diese E-Mail, und geben Sie den Link nicht weiter: Er öffnet jedem die Tür, der ihn hat.',
}
