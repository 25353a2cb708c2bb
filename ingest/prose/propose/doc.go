// Package propose lets others propose claims, such as a language model behind an endpoint that speaks the protocol of OpenAI's chat completions
// (a local server as well). It is off unless a configuration names one.
//
// In comes a document, out come claims for a reader to look at. A proposal is a guess of a program that may have been told anything by the text it
// read; so nothing of it is believed that the text does not say:
//
//   - its quote must stand in the text, word for word, and in one place of it that is no longer than a few sentences;
//   - its relation and stance must be ones that we have, and its subjects and objects must be words of the quote or names of the text;
//   - the text is sent as data, between marks that do not occur in it; what it says to the model changes nothing of the checks above;
//   - a text above the configured TLP level is not sent;
//   - answers are bounded in size, number and time.
//
// A claim that passes says who proposed it (Rule, Why), and has the trust of a guess.
package propose
