/** Brands to look at the pages with: what an organisation may choose, the extremes among it. */
export interface Theme {
  id: string
  name: string
  app: string
  color: string
  logo?: string
  css: string
}

const logo =
  'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 40"%3E%3Crect width="150" height="40" rx="6" fill="%23f5b301"/%3E%3Ctext x="16" y="27" font-family="Georgia,serif" font-size="20" font-weight="700"%3EIl Sole%3C/text%3E%3C/svg%3E'

function sheet(brand: string, contrast: string, radius: string): string {
  return `:root { --brand: ${brand}; --brand-contrast: ${contrast}; --radius: ${radius} }`
}

export const themes: [Theme, ...Theme[]] = [
  {
    id: 'bella',
    name: 'Bella Napoli',
    app: 'Kitchen display',
    color: '#b3261e',
    css: sheet('#b3261e', '#fff', '10px'),
  },
  { id: 'maitred', name: 'Maitred', app: 'Reservations', color: '#0f5c4d', css: '' },
  {
    id: 'sole',
    name: 'Il Sole',
    app: 'Il Sole',
    color: '#f5b301',
    logo,
    css: sheet('#f5b301', '#1c1400', '4px'),
  },
  { id: 'nero', name: 'Nero', app: 'Weinkarte', color: '#111111', css: sheet('#111111', '#fff', '0px') },
  {
    id: 'lang',
    name: 'Gasthaus Donaudampfschifffahrtsgesellschaft',
    app: 'Arbeitszeiterfassungs- und Dienstplanverwaltung',
    color: '#2447a8',
    css: sheet('#2447a8', '#fff', '14px'),
  },
]
