"""The endpoints that concern a credential and its account."""

from pydantic import SecretStr
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from .endpoints import Endpoints, one, read_chat
from .errors import AuthenticationError, PermissionDenied
from .http.answers import Call
from .models import ChatReply, Credits, CurrentKey
from .scrub import printable

PROOF_ATTEMPTS = 5
PROOF_WAIT_SECONDS = 0.5
"""The first wait; it doubles with each attempt, so that a proof takes at most eight seconds of waiting."""


class AccountEndpoints(Endpoints):
    """Reads the key in use and the credits, and tries a key out; each method names its API page."""

    def current_key(self, credential: SecretStr | None = None) -> CurrentKey:
        """Return what a key may learn about itself, which also shows that it authenticates.

        Args:
            credential: The key to ask about; None is the client's own.

        Raises:
            AuthenticationError: It does not authenticate.

        API: GET /key
        """
        call = Call("GET", "/key", "asking about the key in use", credential=credential)
        return self._caller.repeat(call, one(call, CurrentKey))

    def prove_key(self, credential: SecretStr) -> CurrentKey:
        """Return what a key that was just made says of itself, giving the API a few seconds to accept it.

        Args:
            credential: The new key.

        Raises:
            AuthenticationError: It still does not authenticate after the last of the attempts.

        API: GET /key
        """
        proof = Retrying(
            stop=stop_after_attempt(PROOF_ATTEMPTS),
            wait=wait_exponential(multiplier=PROOF_WAIT_SECONDS),
            retry=retry_if_exception_type((AuthenticationError, PermissionDenied)),
            sleep=self._caller.sleep,
            reraise=True,
        )
        return proof(self.current_key, credential)

    def get_credits(self) -> Credits:
        """Return what the account has bought and used.

        API: GET /credits
        """
        call = Call("GET", "/credits", "reading the account's credits")
        return self._caller.repeat(call, one(call, Credits))

    def chat(
        self,
        credential: SecretStr,
        model: str,
        prompt: str,
        *,
        referer: str | None = None,
        title: str | None = None,
    ) -> ChatReply:
        """Send one prompt with a service's key; never twice once it may have been charged.

        Args:
            credential: The service's key.
            model: A model's slug.
            prompt: What to say.
            referer: The application's address, sent as HTTP-Referer.
            title: The application's name, sent as X-Title.

        Raises:
            InsufficientCredits: The key's limit or the account's credits are used up.
            AuthenticationError: The key does not authenticate.

        API: POST /chat/completions
        """
        body: dict[str, object] = {"model": model, "messages": [{"role": "user", "content": prompt}]}
        named = {"HTTP-Referer": referer, "X-Title": title}
        headers = {header: value for header, value in named.items() if value}
        action = f"sending a prompt to '{printable(model)}'"
        call = Call("POST", "/chat/completions", action, body=body, headers=headers, credential=credential)
        return self._caller.repeat(call, read_chat(call))
