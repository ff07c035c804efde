"""Requests about keys of other vendors as the API accepts them."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictBool, StrictStr

from sandbox.openrouter.paging import WorkspacePage
from sandbox.openrouter.validation import DataRegion, Text, Uuid

# fmt: off
Provider = Literal[
    "ai21", "aion-labs", "akashml", "alibaba", "amazon-bedrock", "amazon-bedrock/claude-on-aws",
    "amazon-nova", "ambient", "anthropic", "anthropic/2", "arcee-ai", "assemblyai", "claude-on-aws", "cosine",
    "elevenlabs", "near-ai", "ollama", "pareto-alpha", "primeintellect", "recursive", "respan", "scaledown", "typesafe",
    "unbiased", "voyageai",
    "atlas-cloud", "avian", "azure", "baidu", "baseten", "black-forest-labs", "byteplus", "cerebras", "chutes",
    "cirrascale", "clarifai", "cloudflare", "cohere", "coreweave", "crusoe", "darkbloom", "databricks", "decart",
    "deepgram", "deepinfra", "deepseek", "dekallm", "digitalocean", "featherless", "fireworks", "fish-audio",
    "friendli", "gmicloud", "google-ai-studio", "google-vertex", "groq", "heygen", "inception", "inceptron",
    "inferact-vllm", "inference-net", "infermatic", "inflection", "io-net", "ionstream", "krea", "liquid", "makora",
    "mancer", "mara", "meta", "minimax", "mistral", "modal", "modelrun", "modular", "moonshotai", "morph", "ncompass",
    "nebius", "nex-agi", "nextbit", "novita", "nvidia", "open-inference", "openai", "parasail", "perceptron",
    "perplexity", "phala", "poolside", "quiver", "recraft", "reka", "relace", "runway", "sail-research", "sakana",
    "sakana-ai", "sambanova", "seed", "siliconflow", "sourceful", "stepfun", "streamlake", "switchpoint", "tencent",
    "tenstorrent", "thinkingmachines", "together", "upstage", "venice", "wafer", "wandb", "wandb-legacy", "xai",
    "xiaomi", "z-ai",
]
# fmt: on
Hash = Annotated[StrictStr, Field(pattern=r"^[a-f0-9]{64}$")]
Allowed = Annotated[list[StrictStr], Field(max_length=100)] | None


class ByokPage(WorkspacePage):
    """Query of GET /byok."""

    provider: Provider | None = None


class UpdateByokKey(BaseModel):
    """Body of PATCH /byok/{id}: a field left out stays, null takes a restriction away.

    The last four fields are in the official SDK but not yet in the published description this follows otherwise.
    """

    key: Text = ""
    name: Annotated[StrictStr, Field(max_length=255)] | None = None
    disabled: StrictBool = False
    is_fallback: StrictBool = False
    allowed_models: Allowed = None
    allowed_api_key_hashes: Annotated[list[Hash], Field(min_length=1, max_length=100)] | None = None
    allowed_user_ids: Allowed = None
    declared_region: DataRegion | None = None
    declared_zdr: StrictBool | None = None
    is_byok_only: StrictBool = False
    is_required: StrictBool = False


class CreateByokKey(UpdateByokKey):
    """Body of POST /byok."""

    key: Text
    provider: Provider
    workspace_id: Uuid = ""
