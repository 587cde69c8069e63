import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { enter } from './api';
import { App } from './app';
import { connect } from './live/live';
import './theme.css';
import './live.css';

// The session first: what a page asks for may need it.
await enter();
connect();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
