"""The blocks that a test server stores."""

from prefect.client.orchestration import get_client

from connections.blocks import block_types


async def without_blocks() -> None:
    """Register our block types, and delete every block of them."""
    async with get_client() as client:
        for kind in block_types():
            await kind.aregister_type_and_schema(client=client)
            slug = kind.get_block_type_slug()
            while documents := await client.read_block_documents_by_type(slug, limit=200):
                for document in documents:
                    await client.delete_block_document(document.id)
