import type { error as en } from '../en/error.ts'

export const error: Record<keyof typeof en, string> = {
  'error.reference.text': 'Wenn Sie um Hilfe bitten, nennen Sie diesen Code:',

  'error.bad_request.title': 'Das konnten wir nicht lesen',
  'error.bad_request.text':
    'Die Anfrage war unvollständig oder beschädigt. Gehen Sie zurück und versuchen Sie es noch einmal.',
  'error.unknown_application.title': 'Wir kennen diese App nicht',
  'error.unknown_application.text':
    'Die App, die Sie hierhergeschickt hat, ist bei uns nicht registriert. Bitte sagen Sie ihrem Betreiber Bescheid.',
  'error.redirect_not_registered.title': 'Diese App ist nicht richtig eingerichtet',
  'error.redirect_not_registered.text':
    'Sie wollte Sie an eine Adresse schicken, die für sie nicht registriert ist; darum haben wir angehalten. Bitte sagen Sie ihrem Betreiber Bescheid.',
  'error.protocol.title': 'Die App hat etwas verlangt, das hier nicht geht',
  'error.protocol.text':
    'Mit Ihrem Konto ist alles in Ordnung. Gehen Sie zur App zurück und versuchen Sie es noch einmal; passiert es wieder, sagen Sie bitte ihrem Betreiber Bescheid.',
  'error.invalid_form.title': 'Es fehlt noch etwas',
  'error.invalid_form.text': 'Gehen Sie zurück und sehen Sie sich die Felder noch einmal an.',
  'error.unauthenticated.title': 'Bitte melden Sie sich an',
  'error.unauthenticated.text': 'Um das zu sehen, müssen Sie angemeldet sein.',
  'error.wrong_credentials.title': 'Sie sind nicht angemeldet',
  'error.wrong_credentials.text':
    'Das passt nicht zusammen. Prüfen Sie E-Mail-Adresse oder Benutzername und das Passwort.',
  'error.invalid_client.title': 'Diese App darf hier niemanden anmelden',
  'error.invalid_client.text':
    'An alle, die sie betreiben: Ihre Kennung, ihr Geheimnis oder die Herkunft ihrer Seite ist nicht die registrierte, oder sie ist nicht mit login: true und firstParty: true registriert. Das Protokoll nennt unter diesem Code den Grund.',
  'error.mfa_required.title': 'Noch ein Schritt',
  'error.mfa_required.text': 'Dieses Konto braucht auch einen Code aus Ihrer Authenticator-App.',
  'error.sign_in_incomplete.title': 'Es fehlt noch ein Schritt',
  'error.sign_in_incomplete.text':
    'Melden Sie sich einmal auf der Anmeldeseite an: Dort ist für Ihr Konto noch etwas zu erledigen.',
  'error.forbidden.title': 'Das darf Ihr Konto nicht',
  'error.forbidden.text': 'Ihrem Konto fehlt das Recht dazu. Wer Ihr Konto verwaltet, kann das ändern.',
  'error.csrf.title': 'Bitte noch einmal',
  'error.csrf.text':
    'Die Seite war zu lange offen oder wurde von anderswo geöffnet. Es wurde nichts geändert.',
  'error.not_found.title': 'Hier ist nichts',
  'error.not_found.text': 'Vielleicht ist die Adresse vertippt, oder die Seite ist umgezogen.',
  'error.method_not_allowed.title': 'Das geht hier nicht',
  'error.method_not_allowed.text':
    'So lässt sich diese Adresse nicht benutzen. Gehen Sie zurück und versuchen Sie es noch einmal.',
  'error.conflict.title': 'Jemand war schneller',
  'error.conflict.text':
    'Das wurde inzwischen geändert. Gehen Sie zurück, laden Sie neu und versuchen Sie es noch einmal.',
  'error.expired.title': 'Dieser Link gilt nicht mehr',
  'error.expired.text':
    'Er wurde schon benutzt, oder es ist zu viel Zeit vergangen. Fordern Sie einen neuen an.',
  'error.too_large.title': 'Das ist zu groß',
  'error.too_large.text':
    'Was Sie senden, ist größer, als wir annehmen können. Versuchen Sie es mit etwas Kleinerem.',
  'error.unsupported_media_type.title': 'Diese Art Datei können wir nicht lesen',
  'error.unsupported_media_type.text': 'Senden Sie sie in einem anderen Format.',
  'error.misdirected.title': 'Falsche Adresse',
  'error.misdirected.text':
    'Unter dieser Adresse ist der Dienst nicht erreichbar. Öffnen Sie die App noch einmal.',
  'error.too_many_requests.title': 'Zu viele Versuche',
  'error.too_many_requests.text':
    'Zum Schutz der Konten warten Sie bitte etwas und versuchen es dann noch einmal.',
  'error.too_many_requests.long':
    'Zu viele Versuche nacheinander sind fehlgeschlagen. Ein neues Passwort, über „Passwort vergessen?“, hilft sofort; wenn nicht, wenden Sie sich an den Betreiber dieses Dienstes.',
  'error.internal.title': 'Bei uns ist etwas schiefgegangen',
  'error.internal.text':
    'Es liegt nicht an Ihnen, und wir wissen davon. Versuchen Sie es gleich noch einmal.',
  'error.busy.title': 'Gerade ist viel los',
  'error.busy.text':
    'Im Moment melden sich viele Menschen an. Versuchen Sie es in ein paar Sekunden noch einmal.',
  'error.store_unavailable.title': 'Gleich wieder da',
  'error.store_unavailable.text':
    'Wir erreichen unsere Daten gerade nicht. Es ist nichts verloren gegangen; versuchen Sie es in einer Minute noch einmal.',

  'error.field.required': 'Bitte füllen Sie das aus.',
  'error.field.invalid': 'Das sieht nicht richtig aus. Bitte prüfen Sie es.',
  'error.field.unknown': 'Ein Feld dieses Namens gibt es nicht. Es gibt: {known}.',
  'error.field.tooLong': 'Das ist zu lang.',
  'error.field.email': 'Geben Sie eine Adresse wie name@beispiel.de ein.',
  'error.field.phone': 'Geben Sie die Nummer mit Ländervorwahl ein, etwa +49 30 901820.',
  'error.field.username': 'Verwenden Sie nur Buchstaben, Ziffern, Punkte und Striche.',
  'error.field.date': 'Geben Sie ein Datum ein, das es gibt und das vergangen ist.',
  'error.field.picture': 'Wählen Sie ein Bild (PNG, JPEG oder WebP) von höchstens 512 KB.',
  'error.field.deletion': 'Setzen Sie das Häkchen, wenn Sie Ihr Konto löschen wollen.',
  'error.field.taken': 'Das ist schon vergeben. Wählen Sie etwas anderes.',

  'error.email.same': 'Das ist schon Ihre Adresse.',
  'error.lastAdministrator':
    'Sie sind der letzte Administrator. Geben Sie diese Rolle zuerst jemand anderem.',

  'error.password.tooShort': 'Verwenden Sie mindestens {min} Zeichen.',
  'error.password.tooLong': 'Verwenden Sie höchstens {max} Zeichen.',
  'error.password.common':
    'Dieses Passwort benutzen viele, darum ist es leicht zu erraten. Wählen Sie ein anderes.',
  'error.password.personal':
    'Das ähnelt zu sehr Ihrem Namen, Ihrer Adresse oder dem Namen der App. Wählen Sie ein anderes.',
  'error.password.wrong': 'Das ist nicht Ihr bisheriges Passwort.',
  'error.password.signUp': 'Das ist nicht das Passwort, mit dem Sie sich registriert haben.',
  'error.password.same': 'Das ist Ihr bisheriges Passwort. Wählen Sie ein neues.',

  'error.code.wrong': 'Der Code stimmt nicht. Prüfen Sie ihn und versuchen Sie es noch einmal.',
  'error.code.used':
    'Der Code wurde schon benutzt. Warten Sie auf den nächsten, er kommt in höchstens 30 Sekunden.',
  'error.code.expired': 'Der Code ist abgelaufen. Fordern Sie einen neuen an.',
  'error.code.tooMany': 'Zu viele falsche Codes. Fordern Sie einen neuen an.',
  'error.recovery.wrong':
    'Der Wiederherstellungscode stimmt nicht. Prüfen Sie ihn und versuchen Sie es noch einmal.',

  'error.device.unknown':
    'Diesen Code kennen wir nicht. Prüfen Sie ihn, oder beginnen Sie am Gerät von vorn.',
  'error.device.stopped': 'Sie haben abgebrochen, und das Gerät wurde nicht verbunden.',
  'error.device.over':
    'Dieser Schritt ist vorbei. Sehen Sie auf Ihr Gerät: Zeigt es noch einen Code, geben Sie ihn hier ein.',
}
