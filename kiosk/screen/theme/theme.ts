/** The style sheets, in the order in which they build on each other. */
import '@fontsource-variable/noto-sans-sc';
import './tokens.css';
import './room.css';
import './over.css';
import './controls.css';
import './screens.css';
import './home.css';
import './results.css';
import './standing.css';
import './scenes.css';
