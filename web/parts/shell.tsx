import { connection } from '../hooks.ts';
import { isLanguage, language, speak } from '../i18n.ts';
import { Link, route } from '../router.tsx';
import { leave } from '../session.ts';
import { isTheme, theme, wear } from '../theme.ts';
import { say, type Word } from '../words.ts';

interface Place {
  readonly to: string;
  readonly word: Word;
  /** First parts of the addresses that belong to it. */
  readonly folders: readonly string[];
  /** Outline of its icon on a square of 24. */
  readonly icon: string;
}

const places: readonly Place[] = [
  { to: '', word: 'fleet', folders: ['', 'sites'], icon: 'M4 5h16M4 12h16M4 19h16M8 5v0M14 12v0M10 19v0' },
  { to: '/jobs', word: 'jobs', folders: ['jobs', 'deployments'], icon: 'M4 19V5M4 19h16M8 15l4-5 3 3 5-7' },
  {
    to: '/rollouts',
    word: 'rollouts',
    folders: ['rollouts'],
    icon: 'M4 12h3M10 7v10M10 12h4M17 4v16M14 12h6',
  },
  { to: '/alerts', word: 'alerts', folders: ['alerts'], icon: 'M12 4 2.8 20h18.4zM12 10v5M12 17.5v.01' },
  { to: '/health', word: 'health', folders: ['health'], icon: 'M3 12h4l3-7 4 14 3-7h4' },
];

function Place({ to, word, folders, icon }: Place) {
  const current = folders.includes(route.value.split('/', 1)[0] ?? '');
  return (
    <li>
      <Link to={to} aria-current={current ? 'page' : undefined}>
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
          <path d={icon} />
        </svg>
        {say(word)}
      </Link>
    </li>
  );
}

function ConnectionState() {
  const state = connection.value;
  return (
    <span class={`connection ${state ?? ''}`} role="status">
      {state !== null && say(state)}
    </span>
  );
}

function Preferences() {
  return (
    <div id="preferences" class="preferences" popover="auto">
      <label>
        {say('language')}
        <select
          value={language.value}
          onChange={({ currentTarget: { value } }) => isLanguage(value) && speak(value)}
        >
          <option value="en" lang="en">
            English
          </option>
          <option value="pt-BR" lang="pt-BR">
            Português
          </option>
        </select>
      </label>
      <label>
        {say('theme')}
        <select
          value={theme.value}
          onChange={({ currentTarget: { value } }) => isTheme(value) && wear(value)}
        >
          <option value="system">{say('themeSystem')}</option>
          <option value="light">{say('themeLight')}</option>
          <option value="dark">{say('themeDark')}</option>
        </select>
      </label>
      <button type="button" onClick={leave}>
        {say('forget')}
      </button>
    </div>
  );
}

/** What stands beside every page: where one can go, whether it is live, and how it is shown. */
export function Shell({ entered }: { entered: boolean }) {
  return (
    <header>
      <Link to="" class="brand">
        lifo4-ml
      </Link>
      {entered && (
        <nav aria-label={say('navigation')}>
          <ul>
            {places.map((place) => (
              <Place key={place.to} {...place} />
            ))}
          </ul>
        </nav>
      )}
      <ConnectionState />
      <button type="button" class="bare" popovertarget="preferences">
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5" />
        </svg>
        {say('settings')}
      </button>
      <Preferences />
    </header>
  );
}
