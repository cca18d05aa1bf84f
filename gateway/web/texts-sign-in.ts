/** The sentences of the door; a part of texts.ts. */

export const signInTexts = {
  title: "Open this home’s page",
  says: "Type the one-time code that the gateway printed when it started, or that somebody shows you on their page: for example ABCD-EFGH-JKLM. “hearth sign-in” prints a new one. A token works too.",
  label: "Code or token",
  button: "Open",
  wrong: "The gateway does not know this token.",
  refused: {
    token: "The gateway does not know this token.",
    code: "This code is wrong, was used already, or is older than 10 minutes. Ask for a new one.",
    ended: "You were signed out: the session has ended or was ended by somebody.",
    unreachable: "The gateway did not answer. Try again in a moment.",
  },
  leave: "Sign out",
};
