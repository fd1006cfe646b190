export { catalogue } from './catalogue/catalogue.js';
