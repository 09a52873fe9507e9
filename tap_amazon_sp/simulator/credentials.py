"""What a client needs to call the simulator."""

from __future__ import annotations

from dataclasses import dataclass

TRUSTING_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
"""What OpenSSL (so most of Python), requests, boto3 and Node.js read."""


@dataclass(frozen=True)
class Credentials:
    """The addresses of the simulator, and the authorization of one of its accounts.

    Attributes:
        endpoint: Address of the SP-API, without a slash at the end.
        token_url: Address of the token endpoint (Login with Amazon).
        client_id: Client id of the application.
        client_secret: Client secret of the application.
        refresh_token: Refresh token of the account.
        seller_id: Merchant token of a seller, or the code of a vendor.
        region: `na`, `eu` or `fe`.
        marketplace_ids: The marketplaces of the account.
        ca_certificate: File of the certificate authority that a client must trust; None without
            HTTPS.
    """

    endpoint: str
    token_url: str
    client_id: str
    client_secret: str
    refresh_token: str
    seller_id: str
    region: str
    marketplace_ids: tuple[str, ...]
    ca_certificate: str | None = None

    def environment(self) -> dict[str, str]:
        """Return them as environment variables.

        `SP_API_REFRESH_TOKEN`, `LWA_APP_ID` and `LWA_CLIENT_SECRET` are those that
        python-amazon-sp-api reads (its `credential_provider.py`), and `SELLING_PARTNER_APP_...`
        those of the npm package amazon-sp-api (its `Credentials.js`). The other names are ours.
        """
        trusted = (
            {}
            if self.ca_certificate is None
            else dict.fromkeys(TRUSTING_VARIABLES, self.ca_certificate)
        )
        return trusted | {
            "SP_API_ENDPOINT": self.endpoint,
            "SP_API_TOKEN_URL": self.token_url,
            "SP_API_CLIENT_ID": self.client_id,
            "SP_API_CLIENT_SECRET": self.client_secret,
            "SP_API_REFRESH_TOKEN": self.refresh_token,
            "SP_API_SELLER_ID": self.seller_id,
            "SP_API_REGION": self.region,
            "SP_API_MARKETPLACE_IDS": ",".join(self.marketplace_ids),
            "LWA_APP_ID": self.client_id,
            "LWA_CLIENT_SECRET": self.client_secret,
            "SELLING_PARTNER_APP_CLIENT_ID": self.client_id,
            "SELLING_PARTNER_APP_CLIENT_SECRET": self.client_secret,
        }
