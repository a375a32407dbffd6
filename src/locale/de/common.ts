import type { common as en } from '../en/common.ts'

export const common: Record<keyof typeof en, string> = {
  'common.continue': 'Weiter',
  'common.back': 'Zurück',
  'common.backTo': 'Zurück zu {app}',
  'common.cancel': 'Abbrechen',
  'common.save': 'Speichern',
  'common.or': 'oder',
  'common.device': '{browser} auf {system}',
  'common.optional': 'freiwillig',
  'common.account': 'Ihr Konto',
  'common.skip': 'Zum Inhalt springen',

  'common.email': 'E-Mail-Adresse',
  'common.firstName': 'Vorname',
  'common.lastName': 'Nachname',
  'common.phone': 'Telefonnummer',
  'common.code': 'Sechsstelliger Code',

  'common.password': 'Passwort',
  'common.newPassword': 'Neues Passwort',
  'common.currentPassword': 'Bisheriges Passwort',
  'common.password.show': 'Zeigen',
  'common.password.hide': 'Verbergen',
  'common.password.showLabel': 'Passwort zeigen',
  'common.password.hideLabel': 'Passwort verbergen',
  'common.password.capsLock': 'Die Feststelltaste ist an.',
  'common.password.rule':
    'Mindestens {min} Zeichen. Ein paar Wörter, die nicht zusammengehören, lassen sich leicht merken.',
  'common.password.missing': 'Mindestens {min} Zeichen, noch {count}.',
  'common.password.personal': 'Bitte ohne Ihren Namen, Ihre E-Mail-Adresse und „{brand}“.',
  'common.password.repeats': 'Zu eintönig. Verwenden Sie mehr verschiedene Zeichen.',
  'common.password.fair': 'Lang genug.',
  'common.password.good': 'Gutes Passwort.',
  'common.password.strong': 'Starkes Passwort.',

  'common.copy': 'Kopieren',
  'common.copied': 'Kopiert',
  'common.print': 'Drucken',
  'common.download': 'Herunterladen',

  'common.problem.prefix': 'Problem: {title}',
  'common.problem.one': 'Ein Feld stimmt noch nicht.',
  'common.problem.other': '{count} Felder stimmen noch nicht.',

  'common.time.now': 'gerade eben',
  'common.time.exact': '{time} UTC',

  'common.language.en': 'Englisch',
  'common.language.de': 'Deutsch',

  'common.mails': 'E-Mails',
  'common.mails.text': 'Was verschickt worden wäre. Es liegt im Datenverzeichnis, das Neueste zuerst.',
  'common.mails.empty': 'Noch keine E-Mails',
  'common.mails.empty.text':
    'Legen Sie ein Konto an oder fordern Sie ein neues Passwort an, dann erscheint die E-Mail hier.',
  'common.mails.subject': 'Betreff',
  'common.mails.to': 'An',
  'common.mails.at': 'Geschickt',
  'common.mails.all': 'Alle E-Mails',
  'common.mails.html': 'Wie sie aussieht',
}
